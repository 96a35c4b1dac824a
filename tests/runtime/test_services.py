import io
import json
import os
import socket
from pathlib import Path

import minio
import psutil
import psycopg2
import pytest
import redis
import requests

from app.runtime import services as module
from app.runtime.processes import DirectoryInUse, StackError
from app.runtime.services import EmbeddedServices
from tests.runtime.conftest import Supervise


def query(url: str, sql: str) -> list[tuple]:
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def object_store(settings: dict[str, str]) -> minio.Minio:
    return minio.Minio(
        settings["S3_ENDPOINT"].removeprefix("http://"),
        access_key=settings["S3_ACCESS_KEY"],
        secret_key=settings["S3_SECRET_KEY"],
        region=settings["S3_REGION"],
        secure=False,
    )


def test_postgres_works(services: EmbeddedServices) -> None:
    assert query(services.environment()["DATABASE_URL"], "SELECT current_user::text") == [("los_app",)]


def test_postgres_is_version_18(services: EmbeddedServices) -> None:
    [(version,)] = query(services.environment()["DATABASE_URL"], "SHOW server_version_num")
    assert 180_000 <= int(version) < 190_000


def test_postgres_refuses_a_wrong_password(services: EmbeddedServices) -> None:
    url = services.environment()["DATABASE_URL"]
    wrong = url.replace(":", ":x", 2).replace("postgresql:x", "postgresql:")
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        query(wrong, "SELECT 1")


def test_redis_works(services: EmbeddedServices) -> None:
    with redis.Redis.from_url(services.environment()["REDIS_URL"]) as client:
        assert client.set("key", "value")
        assert client.get("key") == b"value"


def test_redis_asks_for_a_password(services: EmbeddedServices) -> None:
    address = services.environment()["REDIS_URL"].partition("@")[2]
    with redis.Redis.from_url(f"redis://{address}") as client, pytest.raises(redis.AuthenticationError):
        client.ping()


def test_objects_are_stored(services: EmbeddedServices) -> None:
    settings = services.environment()
    client = object_store(settings)
    client.put_object(settings["S3_BUCKET"], "kyc/a pan.pdf", io.BytesIO(b"pan"), 3)
    answer = client.get_object(settings["S3_BUCKET"], "kyc/a pan.pdf")
    assert answer.data == b"pan"
    answer.close()


def test_presigned_address_needs_no_key(services: EmbeddedServices) -> None:
    settings = services.environment()
    client = object_store(settings)
    client.put_object(settings["S3_BUCKET"], "noc.pdf", io.BytesIO(b"noc"), 3)
    address = client.presigned_get_object(settings["S3_BUCKET"], "noc.pdf")
    assert requests.get(address, timeout=5).content == b"noc"
    assert requests.get(address.partition("?")[0], timeout=5).status_code >= 400


def test_secrets_are_private(services: EmbeddedServices) -> None:
    mode = (services.directory / "secrets.json").stat().st_mode
    assert mode & 0o077 == 0


def test_no_secret_on_a_command_line(services: EmbeddedServices) -> None:
    secrets = module.load_secrets(services.directory).values()
    lines = [" ".join(psutil.Process(child.pid).cmdline()) for child in services.children()]
    assert lines
    assert not [line for line in lines for secret in secrets if secret in line]


def test_directory_is_taken_once(services: EmbeddedServices) -> None:
    with (
        pytest.raises(DirectoryInUse, match=f"in use by process {os.getpid()}"),
        EmbeddedServices(services.directory, durable=False),
    ):
        pass


def test_data_and_secrets_survive_a_restart(directory: Path) -> None:
    with EmbeddedServices(directory, durable=True) as first:
        settings = first.environment()
        query(settings["DATABASE_OWNER_URL"], "CREATE TABLE kept AS SELECT 42 AS answer")
        with redis.Redis.from_url(settings["REDIS_URL"]) as client:
            client.set("kept", "42")
        object_store(settings).put_object(settings["S3_BUCKET"], "kept", io.BytesIO(b"42"), 2)
    with EmbeddedServices(directory, durable=True) as second:
        settings = second.environment()
        assert query(settings["DATABASE_OWNER_URL"], "SELECT answer FROM kept") == [(42,)]
        with redis.Redis.from_url(settings["REDIS_URL"]) as client:
            assert client.get("kept") == b"42"
        assert object_store(settings).stat_object(settings["S3_BUCKET"], "kept").size == 2
        assert settings["LOS_MASTER_KEYS"] == first.environment()["LOS_MASTER_KEYS"]


def test_nothing_runs_after_the_end(directory: Path) -> None:
    with EmbeddedServices(directory, durable=False) as running:
        processes = [psutil.Process(child.pid) for child in running.children()]
    assert len(processes) == 3
    assert not [process for process in processes if process.is_running()]


def test_wipe_starts_from_nothing(directory: Path) -> None:
    for _ in range(2):
        with EmbeddedServices(directory, durable=False, wipe=True) as running:
            assert query(running.environment()["DATABASE_OWNER_URL"], "CREATE TABLE once ()") == []


def test_given_servers_are_not_started(directory: Path) -> None:
    given = {"DATABASE_URL": "postgresql://db/los", "S3_ENDPOINT": "https://s3"}
    with EmbeddedServices(directory, durable=False, given=given) as running:
        assert [child.name for child in running.children()] == ["redis"]
        assert {"REDIS_URL", "LOS_MASTER_KEYS"} <= running.environment().keys()
        assert not given.keys() & running.environment().keys()


def test_a_port_taken_meanwhile_is_changed(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = module.free_port
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = [other.getsockname()[1]] * 3  # one for each server
        monkeypatch.setattr(
            module, "free_port", lambda port=0: taken.pop() if taken and not port else real(port)
        )
        with EmbeddedServices(directory, durable=False) as running:
            assert not taken
            assert query(running.environment()["DATABASE_URL"], "SELECT 1") == [(1,)]


def test_killed_supervisor_leaves_nothing_behind(directory: Path, supervise: Supervise) -> None:
    process, servers = supervise(directory)
    assert len(servers) == 3
    process.kill()
    _, alive = psutil.wait_procs(servers, timeout=10)
    assert alive == []


def test_start_right_after_a_kill(directory: Path, supervise: Supervise) -> None:
    process, _ = supervise(directory)
    process.kill()
    process.wait()
    with EmbeddedServices(directory, durable=False) as running:
        assert query(running.environment()["DATABASE_URL"], "SELECT 1") == [(1,)]


def test_stale_pid_file_with_the_pid_of_another_process(directory: Path) -> None:
    with EmbeddedServices(directory, durable=False):
        pass
    pid_file = directory / "postgres" / "postmaster.pid"
    pid_file.write_text(f"{os.getppid()}\n{pid_file.parent}\n1\n5432\n\n127.0.0.1\n")
    with EmbeddedServices(directory, durable=False) as running:
        assert query(running.environment()["DATABASE_URL"], "SELECT 1") == [(1,)]


def test_half_made_data_directory_is_made_again(directory: Path) -> None:
    (directory / "postgres.new" / "base").mkdir(parents=True)
    with EmbeddedServices(directory, durable=False) as running:
        assert query(running.environment()["DATABASE_URL"], "SELECT 1") == [(1,)]


def test_failure_names_the_server_and_shows_its_log(directory: Path) -> None:
    with EmbeddedServices(directory, durable=False):
        pass
    (directory / "postgres" / "PG_VERSION").write_text("9.6\n")
    with (
        pytest.raises(
            StackError, match=r"(?s)^postgres ended with 1 while starting.*incompatible with server"
        ),
        EmbeddedServices(directory, durable=False),
    ):
        pass


def test_a_key_that_is_no_longer_made_stays(directory: Path) -> None:
    """LOS_DATA_KEY of a stack from before there were data keys: its data cannot be read without."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "secrets.json").write_text(json.dumps({"LOS_DATA_KEY": "of before"}))
    assert module.load_secrets(directory)["LOS_DATA_KEY"] == "of before"
    assert json.loads((directory / "secrets.json").read_text())["LOS_DATA_KEY"] == "of before"
