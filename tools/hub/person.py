"""A person on the hub, by HTTP: what their browser would ask, without the browser."""

import time
import urllib.parse

import requests


class Person:
    """Logs in, and works on a server of their own."""

    def __init__(self, address, name, password):
        self.address = address
        self.name = name
        self.password = password
        self.session = requests.Session()

    def log_in(self):
        answer = self._form("login", {"username": self.name, "password": self.password})
        if "/login" in answer.url:
            raise PermissionError(f"{self.name} may not log in")

    def start_server(self, seconds=120):
        """Start the server and enter it; return the seconds that it took."""
        began = time.monotonic()
        headers = {"X-XSRFToken": self._token("/hub/")}
        me = f"{self.address}/hub/api/users/{self.name}"
        while time.monotonic() < began + seconds:
            server = self._ask("GET", me, headers=headers).json()["servers"].get("")
            if server is None:
                self._ask("POST", f"{me}/server", headers=headers, json={})
            elif server["ready"]:
                self._ask("GET", self.server)
                return time.monotonic() - began
            time.sleep(0.5)
        raise TimeoutError(f"the server of {self.name} did not start in {seconds} s")

    @property
    def server(self):
        return f"{self.address}/user/{self.name}/"

    def ask(self, method, path, **options):
        """A request to the person's own server."""
        headers = {"X-XSRFToken": self._token(f"/user/{self.name}/")}
        return self._ask(method, self.server + path, headers=headers, **options)

    def read(self, path):
        return self.ask("GET", f"api/contents/{urllib.parse.quote(path)}").json()["content"]

    def write(self, path, notebook):
        body = {"type": "notebook", "content": notebook}
        self.ask("PUT", f"api/contents/{urllib.parse.quote(path)}", json=body)

    def assignment(self, action, name, course):
        """Fetch, submit or fetch_feedback, as the page *Assignment List* does."""
        data = {"course_id": course, "assignment_id": name}
        answer = self.ask("POST", f"assignments/{action}", data=data).json()
        if not answer.get("success"):
            raise RuntimeError(f"{self.name}: {action} {name}: {answer}")
        return answer

    def _form(self, page, fields):
        address = f"{self.address}/hub/{page}"
        self._ask("GET", address)
        return self._ask("POST", address, data={"_xsrf": self._token("/hub/")} | fields)

    def _token(self, path):
        return next(
            cookie.value
            for cookie in self.session.cookies
            if cookie.name == "_xsrf" and cookie.path == path
        )

    def _ask(self, method, address, **options):
        answer = self.session.request(method, address, timeout=120, **options)
        answer.raise_for_status()
        return answer
