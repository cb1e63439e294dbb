"""Print what roc-validator says of a crate, as JSON: `.venv/audit/bin/python validate_crate.py FOLDER SEVERITY`.

Runs in the second environment, without a network. roc-validator fetches the context of RO-Crate 1.1 from its address;
here the copy that rocrate 0.13 carries is answered in its place, so that the verdict is the same everywhere.
"""

from __future__ import annotations

import json
import sys
from importlib.resources import files
from tempfile import TemporaryDirectory
from typing import Any

import requests
from requests.adapters import BaseAdapter
from rocrate_validator import services
from rocrate_validator.utils.http import HttpRequester

CONTEXT = "https://w3id.org/ro/crate/1.1/context"


class OnlyTheContext(BaseAdapter):
    """Answers the address of the context with the copy; anything else is not there."""

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        response = requests.Response()
        response.request, response.url = request, str(request.url)
        response.status_code = 200 if request.url == CONTEXT else 404
        response.headers["Content-Type"] = "application/ld+json"
        response._content = (files("rocrate") / "data" / "ro-crate.jsonld").read_bytes()
        if json.loads(response.content)["@id"] != CONTEXT:
            raise ValueError(f"the copy is not of {CONTEXT}; requirements-audit.in pins the rocrate that carries it")
        return response

    def close(self) -> None:
        pass


def main(folder: str, severity: str) -> None:
    """Print how many checks ran and each issue."""
    with TemporaryDirectory() as cache:
        settings = services.ValidationSettings(
            rocrate_uri=folder,
            profile_identifier="process-run-crate",
            requirement_severity=severity,
            offline=True,
            cache_path=f"{cache}/http",
        )
        session = requests.Session()
        session.mount("https://", OnlyTheContext())
        HttpRequester().session = session
        result = services.validate(settings)
    issues = [
        {"check": i.check.identifier, "severity": i.severity.name, "entity": i.violatingEntity, "message": i.message}
        for i in result.get_issues()
    ]
    print(json.dumps({"checks": len(result.executed_checks), "issues": issues}, default=str))


if __name__ == "__main__":
    main(*sys.argv[1:])
