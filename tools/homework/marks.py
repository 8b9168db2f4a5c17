"""Read and mend what nbgrader's gradebook knows about one homework."""

import hashlib
import json
from dataclasses import dataclass

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.utils import parse_utc

from tools.homework.settings import HomeworkError


@dataclass
class Marks:
    """The marks of one student: {graded cell: score or None}, and what is still to be marked."""

    scores: dict
    to_mark: list
    penalty: float = 0.0
    comments: tuple = ()

    @property
    def total(self):
        return max(0.0, sum(score or 0.0 for score in self.scores.values()) - self.penalty)

    @property
    def digest(self):
        content = json.dumps([self.scores, self.to_mark, self.penalty, self.comments])
        return hashlib.sha256(content.encode()).hexdigest()


def open_gradebook(course):
    try:
        return Gradebook(course.db_url)
    except Exception as error:
        reason = str(error).strip().splitlines()[0]
        raise HomeworkError(
            f"The gradebook cannot be opened: {reason}. Is GRADEBOOK_URL right and its server up?"
        ) from error


def knows(course, name):
    """Whether the gradebook holds the assignment, with its cells."""
    with open_gradebook(course) as gradebook:
        try:
            return bool(gradebook.find_assignment(name).notebooks)
        except MissingEntry:
            return False


def exercises(course, name):
    """Return {graded cell: points}, in the notebook's order."""
    with open_gradebook(course) as gradebook:
        notebook = gradebook.find_notebook(name, name)
        points = {
            cell.name: cell.max_score for cell in [*notebook.grade_cells, *notebook.task_cells]
        }
        return {
            cell.name: points[cell.name] for cell in notebook.source_cells if cell.name in points
        }


def read(course, name):
    """Return {student: Marks} for all submissions in the gradebook."""
    with open_gradebook(course) as gradebook:
        notebook = gradebook.find_notebook(name, name)
        return {sub.student.id: _marks(sub) for sub in notebook.submissions}


def _marks(submission):
    grades = {grade.name: grade for grade in submission.grades}
    to_mark = sorted(name for name, grade in grades.items() if grade.needs_manual_grade)
    unmarked = {
        name
        for name in to_mark
        if grades[name].manual_score is None and not grades[name].auto_score
    }
    scores = {
        name: None if name in unmarked else float(grade.score + (grade.extra_credit or 0.0))
        for name, grade in grades.items()
    }
    comments = tuple(
        sorted((comment.name, comment.comment or "") for comment in submission.comments)
    )
    return Marks(scores, to_mark, submission.late_submission_penalty or 0.0, comments)


def keep_marked(course, name, student, before):
    """After marking anew an unchanged submission, nothing that a person marked needs it again."""
    with open_gradebook(course) as gradebook:
        for grade in gradebook.find_submission_notebook(name, name, student).grades:
            if grade.manual_score is not None and grade.name not in before.to_mark:
                grade.needs_manual_grade = False
        gradebook.db.commit()


def forget(course, name, student):
    """Remove a submission that was never graded: nbgrader would export it as 0."""
    with open_gradebook(course) as gradebook:
        try:
            gradebook.remove_submission(name, student)
        except MissingEntry:
            pass


def set_roster(course, roster):
    """Enter the students, {id: what else is known}."""
    with open_gradebook(course) as gradebook:
        for student, details in roster.items():
            gradebook.update_or_create_student(student, **details)


def set_deadline(course, name, due):
    """Enter the deadline; a time without a zone is UTC, as everywhere in nbgrader."""
    try:
        duedate = parse_utc(due)
    except (ValueError, TypeError) as error:
        raise HomeworkError(
            f"DUE={due!r} is no date and time, such as '2027-03-01 18:00'."
        ) from error
    with open_gradebook(course) as gradebook:
        gradebook.update_or_create_assignment(name, duedate=duedate)
