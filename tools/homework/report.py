"""The table at the end, and the same as CSV."""

import csv

from tools.homework import marks
from tools.homework.collect import changed_name


def rows(course, name, state, version, roster):
    """Return a row for each student of the roster or who ever handed in, sorted by name."""
    points = marks.exercises(course, name)
    known = marks.read(course, name)
    absent = {
        student: {"missing": True, "review": changed_name(student, original)}
        for student, original in roster.items()
    }
    # Without a digest: the run that saw this submission was killed before it was graded.
    seen = {student: entry for student, entry in state.items() if "digest" in entry}
    return [
        _row(student, entry, known.get(student), points, version)
        for student, entry in sorted((absent | seen).items())
    ]


def _row(student, entry, marked, points, version):
    row = {
        "student": student,
        "status": "missing",
        "total": "",
        "max": _number(sum(points.values())),
    }
    row.update(dict.fromkeys(points, ""))
    review = list(entry.get("review", []))
    if entry.get("failed"):
        review.insert(0, entry["failed"])
        row["status"] = "missing" if entry.get("missing") else "failed"
    elif marked is None:
        review += [] if entry.get("missing") else ["its marks are in another gradebook"]
    else:
        row["status"] = "needs-manual" if marked.to_mark else "graded"
        row["total"] = _number(marked.total)
        row.update({exercise: _number(marked.scores.get(exercise)) for exercise in points})
        if marked.penalty:
            review.append(f"late: {_number(marked.penalty)} points less")
        if marked.to_mark:
            review.append(f"to be marked by hand: {', '.join(marked.to_mark)}")
        if entry.get("version", version) != version:
            review.append("graded with an earlier version of the homework")
    row["review"] = "; ".join(review)
    return row


def _number(value):
    return "" if value is None else f"{value:g}"


def write(course, name, table):
    """Write grades.csv; the csv module quotes what needs it, so that no name breaks it."""
    path = course.folder(name, "grades.csv")
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, table[0].keys())
        writer.writeheader()
        writer.writerows(table)
    return path


def show(table, log=print):
    """Print the table: marks first, then what asks for a person."""
    width = max(len(row["student"]) for row in table)
    log(f"\n{'student':{width}}  {'status':12}  {'total':>5}")
    for row in table:
        total = f"{row['total']}/{row['max']}" if row["total"] else "–"
        log(f"{row['student']:{width}}  {row['status']:12}  {total:>5}")
    headings = {
        "needs-manual": "to be marked by hand (make formgrader)",
        "failed": "failed, and why",
        "missing": "missing",
    }
    for status, heading in headings.items():
        chosen = [row for row in table if row["status"] == status]
        if chosen:
            log(f"\n{len(chosen)} {heading}:")
            for row in chosen:
                log(f"  {row['student']}: {row['review']}".rstrip(": "))
    reviewed = [row for row in table if row["review"] and row["status"] == "graded"]
    if reviewed:
        log(f"\n{len(reviewed)} graded, to be looked at:")
        for row in reviewed:
            log(f"  {row['student']}: {row['review']}")
    counts = {
        status: sum(row["status"] == status for row in table) for status in ("graded", *headings)
    }
    log("\n" + ", ".join(f"{count} {status}" for status, count in counts.items()))
