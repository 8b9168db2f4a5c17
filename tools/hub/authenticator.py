"""Sign-up on the hub's own page; a teacher lets each newcomer in."""

import json

from nativeauthenticator import NativeAuthenticator
from traitlets import Unicode


class CourseAuthenticator(NativeAuthenticator):
    """With the accounts of a file made beforehand, so that no stranger signs up as the teacher."""

    accounts = Unicode("", config=True, help="A JSON file {name: password}")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        with open(self.accounts, encoding="utf-8") as file:
            for name, password in json.load(file).items():
                if not self.user_exists(name):
                    self.create_user(name, password, is_authorized=True)
