"""What nbgrader is told in a student's server."""

c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "rectified"
c.Exchange.root = "/exchange"
