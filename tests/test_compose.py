"""docker-compose.yml: a Neo4j of a tested line, for this machine only, that keeps its data and tells when it is up."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import srsly

from tests.neo4j_server import CURRENT, LTS

ROOT = Path(__file__).parents[1]
VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)(?::-([^}]*))?[^}]*\}")


@pytest.fixture(scope="module")
def text() -> str:
    return (ROOT / "docker-compose.yml").read_text()


@pytest.fixture(scope="module")
def compose(text: str) -> Any:
    """The file as Docker Compose reads it where .env sets the password only."""
    return srsly.yaml_loads(VARIABLE.sub(lambda found: found[2] or "long-secret", text))


@pytest.fixture(scope="module")
def service(compose: Any) -> Any:
    return compose["services"]["neo4j"]


def test_the_image_is_of_the_lines_that_are_tested(service: Any, text: str) -> None:
    assert service["image"] == f"neo4j:{LTS.rpartition('.')[0]}-community"
    for told in (text, (ROOT / ".env.example").read_text()):
        assert f"NEO4J_IMAGE=neo4j:{CURRENT}-community" in told


def test_it_listens_on_this_machine_only(service: Any) -> None:
    assert service["ports"] == ["127.0.0.1:7474:7474", "127.0.0.1:7687:7687"]


def test_data_and_logs_are_in_named_volumes(compose: Any, service: Any) -> None:
    mounted = dict(volume.split(":") for volume in service["volumes"])
    assert set(mounted) == set(compose["volumes"])
    assert set(mounted.values()) == {"/data", "/logs"}


def test_memory_is_bounded(service: Any) -> None:
    sizes = {name: value for name, value in service["environment"].items() if "_memory_" in name}
    assert set(sizes) == {
        "NEO4J_server_memory_heap_initial__size",
        "NEO4J_server_memory_heap_max__size",
        "NEO4J_server_memory_pagecache_size",
    }
    assert all(re.fullmatch(r"\d+[mg]", size) for size in sizes.values())


def test_the_password_comes_from_the_environment_and_has_no_default(service: Any, text: str) -> None:
    assert service["environment"]["NEO4J_AUTH"] == "neo4j/long-secret"
    assert "${NEO4J_PASSWORD:?" in text
    assert re.search(r"^NEO4J_PASSWORD=$", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert ".env" in (ROOT / ".gitignore").read_text().splitlines()


def test_every_variable_is_in_the_example_with_its_default(text: str) -> None:
    example = dict(re.findall(r"^(?:# )?(\w+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE))
    for name, default in VARIABLE.findall(text):
        assert name in example
        assert name == "NEO4J_IMAGE" or example[name] == default


def test_the_health_check_logs_in_with_that_password(service: Any, tmp_path: Path) -> None:
    check = service["healthcheck"]
    kind, command = check["test"]
    assert kind == "CMD-SHELL"
    assert {"interval", "timeout", "retries", "start_period"} < set(check)
    shell = tmp_path / "cypher-shell"
    shell.write_text('#!/bin/sh\necho "$NEO4J_USERNAME:$NEO4J_PASSWORD:$*"\n')
    shell.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "NEO4J_AUTH": "neo4j/a/b $c'd"}
    said = subprocess.run(["sh", "-c", command.replace("$$", "$")], env=environment, capture_output=True, text=True)
    assert said.stdout == "neo4j:a/b $c'd:RETURN 1\n"
