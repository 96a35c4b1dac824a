"""A new brand is one call and a folder of rule files: no code, no restart."""

import secrets
import string
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from app.admin.cli import brands
from app.core.identity import STAFF_ROLES, Role
from app.demo.client import Portal
from app.seed import BRANDS, DEMO_PASSWORD, email_of
from app.staff import service as staff
from tests.books import MODEL, copy_rules
from tests.platform import Platform
from tests.staff.people import Person
from tests.stages import Stages

PATH = "/partner/admin/brands"


def new_id() -> str:
    return "n" + "".join(secrets.choice(string.ascii_lowercase) for _ in range(10))


def wanted(brand_id: str, **more: Any) -> dict[str, Any]:
    administrator = {"email": f"first@{brand_id}.example", "name": "First Admin"}
    settings = BRANDS[MODEL]["settings"]
    return {"id": brand_id, "name": "New Brand", "settings": settings, "administrator": administrator} | more


@pytest.fixture(scope="module")
def owner(platform: Platform) -> Portal:
    return platform.staff(Role.SUPER_ADMIN)


def test_it_works(platform: Platform, owner: Portal) -> None:
    brand_id = new_id()
    copy_rules(platform, brand_id)
    made = owner.call("POST", PATH, expect=201, json=wanted(brand_id))
    assert (made["id"], made["staff"], made["loans"], made["settingsVersion"]) == (brand_id, 1, {}, 1)
    assert {rule["ruleset"]: rule["usable"] for rule in made["rules"]} == dict.fromkeys(
        ("allocation", "bre", "cam", "charges", "delinquency", "sanction", "waiver"), True
    )
    first = Person(platform, f"first@{brand_id}.example", "")
    invited = {"token": first.link(), "password": DEMO_PASSWORD}
    platform.api.call("POST", "/partner/auth/set-password", expect=204, json=invited)
    administrator = Portal(platform.api, first.email, DEMO_PASSWORD, brand_id)
    assert administrator.call("GET", "/settings/brand")["name"] == "New Brand"
    assert administrator.get("/audit?action=brand.made")["items"][0]["actorId"] == owner.user["id"]


def test_a_loan_goes_the_whole_way_in_a_new_brand(platform: Platform, owner: Portal) -> None:
    brand_id, password_hash = new_id(), staff.hash_password(DEMO_PASSWORD)
    copy_rules(platform, brand_id)
    owner.call("POST", PATH, expect=201, json=wanted(brand_id))
    for role in STAFF_ROLES:
        staff.create(email_of(role, brand_id), role.title(), password_hash, [(brand_id, role)])
    closed = Stages(platform, brand_id=brand_id).closed()
    assert closed.now()["status"] == "COMPLETED"
    assert owner.call("GET", f"{PATH}/{brand_id}")["loans"] == {"COMPLETED": 1}


def test_without_its_rule_files_there_is_no_brand(platform: Platform, owner: Portal) -> None:
    brand_id = new_id()
    refused = owner.call("POST", PATH, expect=422, json=wanted(brand_id))["error"]
    assert refused["code"] == "RULES_UNSOUND"
    assert f"brands/{brand_id}/bre.yaml" in str(refused["details"]["problems"])
    owner.call("GET", f"{PATH}/{brand_id}", expect=404)


def test_a_fault_in_the_rule_files_is_told_with_its_place(platform: Platform, owner: Portal) -> None:
    brand_id = new_id()
    file = copy_rules(platform, brand_id) / "sanction.yaml"
    file.write_text(file.read_text(encoding="utf-8") + "\nswitch_off: [NO_SUCH_RULE]\n", encoding="utf-8")
    problem = owner.call("POST", PATH, expect=422, json=wanted(brand_id))["error"]["details"]["problems"][0]
    assert (problem["file"], problem["text"]) == (f"brands/{brand_id}/sanction.yaml", "NO_SUCH_RULE")
    assert problem["line"] > 1


def test_a_brand_is_made_once(owner: Portal) -> None:
    refused = owner.call("POST", PATH, expect=409, json=wanted(MODEL))["error"]
    assert refused["code"] == "BRAND_EXISTS"


@pytest.mark.parametrize("brand_id", ["A", "has-dash", "1st", "x" * 40, "../etc"])
def test_an_id_is_a_plain_word(owner: Portal, brand_id: str) -> None:
    refused = owner.call("POST", PATH, expect=422, json=wanted(MODEL) | {"id": brand_id})["error"]
    assert refused["fields"].keys() == {"id"}


def test_its_settings_stay_within_its_policy(platform: Platform, owner: Portal) -> None:
    brand_id = new_id()
    copy_rules(platform, brand_id)
    settings = BRANDS[MODEL]["settings"]
    settings = settings | {"loanRules": settings["loanRules"] | {"amountMax": "900000.00"}}
    refused = owner.call("POST", PATH, expect=422, json=wanted(brand_id, settings=settings))["error"]
    assert refused["code"] == "BEYOND_POLICY"
    owner.call("GET", f"{PATH}/{brand_id}", expect=404)


def test_what_ships_is_not_replaced_by_the_folder(platform: Platform) -> None:
    folder = Path(platform.settings.rules_directory) / "brands" / MODEL
    folder.mkdir(parents=True)
    (folder / "cam.yaml").write_text("ruleset: cam\nbrand: qualoan\n", encoding="utf-8")
    shown = platform.api.call("GET", "/web/brand", headers={"X-Brand-Id": MODEL})
    assert shown["policy"]["gstPercent"] == "18"


def los(*arguments: str) -> str:
    done = CliRunner().invoke(brands, arguments)
    return f"{done.exit_code} {done.output}"


def test_the_command_line_does_the_same(platform: Platform, tmp_path: Path) -> None:
    brand_id, file = new_id(), tmp_path / "settings.yaml"
    copy_rules(platform, brand_id)
    file.write_text(los("show", MODEL).partition("\n")[2], encoding="utf-8")
    arguments = ("create", brand_id, "--name", "By hand", "--settings", str(file))
    administrator = ("--admin-email", f"first@{brand_id}.example", "--admin-name", "First")
    assert los(*arguments, *administrator).startswith(f"0 {brand_id} is there")
    assert brand_id in los("list")
    assert yaml.safe_load(los("show", brand_id).partition("\n")[2]) == yaml.safe_load(file.read_text())


def test_the_command_line_names_what_is_wrong(platform: Platform, tmp_path: Path) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text("logoUrl: /x.svg\n", encoding="utf-8")
    told = los(
        "create", new_id(), "--name", "X", "--settings", str(file), "--admin-email", "a@b.example",
        "--admin-name", "A",
    )  # fmt: skip
    assert told.startswith("1 ")
    assert "lender" in told
