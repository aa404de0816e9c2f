"""What is a contract, and what is not, with the place and the remedy."""

from __future__ import annotations

import pytest
import yaml

from stepwell import ConfigurationError
from stepwell_catalog import LoadFromCatalog, contracts
from stepwell_catalog._contract import read_contract


def _column(number, **fields):
    return lambda document: document["schema"][0]["properties"][number].update(fields)


def _custom(number, **fields):
    custom = [{"property": name, "value": value} for name, value in fields.items()]
    return _column(number, customProperties=custom)


BAD = {
    "no_version": (lambda d: d.pop("version"), "It has no field version. Add it."),
    "version_as_number": (
        lambda d: d.update(version=1.0),
        "version: It is a number where the standard has text. Write it in quotes.",
    ),
    "unknown_field": (lambda d: d.update(purpos="x"), "field that the standard does not: purpos"),
    "unknown_field_of_a_column": (
        _column(0, clasification="x"),
        "schema[0].properties[0]: It has a field that the standard does not: clasification. "
        "Did you mean 'classification'?",
    ),
    "unknown_type": (_column(0, logicalType="int"), "Did you mean 'integer'?"),
    "options_of_another_type": (
        _column(0, logicalTypeOptions={"pattern": "x"}),
        "schema[0].properties[0].logicalTypeOptions",
    ),
    "unknown_server": (
        lambda d: d["servers"][0].update(type="postgre"),
        "servers[0].type: It is no value that the standard has. Did you mean 'postgres'?",
    ),
    "server_without_path": (
        lambda d: d["servers"][0].pop("path"),
        "servers[0]: It has no field path.",
    ),
    "url_that_is_no_text": (
        lambda d: d["servers"][0].update(customProperties=[{"property": "url", "value": 1.5}]),
        "servers[0].customProperties: The custom property url is no text.",
    ),
    "unknown_format": (lambda d: d["servers"][0].update(format="xlsx"), "It is no known format."),
    "version_2_of_the_standard": (lambda d: d.update(apiVersion="v2.2.2"), "Write it in v3.1.0."),
    "no_name": (lambda d: d.pop("name"), "name: It has no name."),
    "name_that_is_a_path": (lambda d: d.update(name="../x"), "cannot be the name of a dataset"),
    "no_schema": (lambda d: d.pop("schema"), "It has 0 elements"),
    "two_tables": (lambda d: d["schema"].append({"name": "other"}), "It has 2 elements"),
    "no_columns": (lambda d: d["schema"][0].pop("properties"), "There are no columns."),
    "column_twice": (_column(1, name="id"), "Columns are there twice: id."),
    "unknown_role": (_custom(0, roles=["tarjet"]), "Did you mean 'target'?"),
    "roles_that_are_none": (_custom(0, roles=3), "Roles are a text or a list of texts."),
    "favourable_list": (_custom(0, roles="target", favourable=[1]), "The favourable value is no"),
    "rule_that_is_wrong": (
        _column(0, quality=[{"metric": "nullValues", "mustBe": "few"}]),
        "schema[0]: A rule is wrong: ",
    ),
    "pattern_that_is_none": (
        _column(1, logicalTypeOptions={"pattern": "("}),
        "schema[0]: A rule is wrong: ",
    ),
    "rule_without_metric": (
        _column(0, quality=[{"type": "library", "mustBe": 0}]),
        "schema[0].properties[0].quality[0]",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_wrong_contract_says_where_and_what_to_do(write, case):
    change, message = BAD[case]
    contract, problems = read_contract(write(change))
    assert contract is None
    assert message in " ".join(map(str, problems))


def test_two_targets_are_one_too_many(write):
    def change(document):
        _custom(0, roles="target")(document)
        _custom(1, roles="target")(document)

    contract, problems = read_contract(write(change))
    assert contract is None
    assert "A dataset has one target" in str(problems[0])


@pytest.mark.parametrize("where", ["password", "url"])
def test_password_in_a_contract_is_refused_and_not_repeated(write, where):
    """It is read by everybody who reads the catalog (fault 25)."""
    value = {"password": "hunter2!", "url": "mysql+pymysql://me:hunter2!@host/db"}[where]
    server = {"server": "db", "type": "mysql", "host": "h", "port": 1, "database": "d"}
    custom = [{"property": where, "value": value}]
    contract, problems = read_contract(write(servers=[{**server, "customProperties": custom}]))
    assert contract is None
    assert "A password stands" in str(problems[0])
    assert "hunter2" not in " ".join(map(str, problems))


def test_two_files_with_one_name_are_named_both(write):
    write()
    write(file="copy.odcs.yaml")
    with pytest.raises(
        ConfigurationError, match=r"copy\.odcs\.yaml.*people\.odcs\.yaml has the name"
    ):
        LoadFromCatalog(name="people")


def test_wrong_neighbour_does_not_keep_a_dataset_from_being_loaded(write):
    write()
    write(file="broken.odcs.yaml", name="../..")
    assert len(LoadFromCatalog(name="people").run().data) == 3
    with pytest.raises(ConfigurationError, match=r"catalog/broken\.odcs\.yaml cannot be used"):
        contracts("catalog")


def test_file_that_is_no_yaml_is_told_under_its_own_name(write):
    write().write_text("a: [", encoding="utf-8")
    with pytest.raises(
        ConfigurationError, match=r"people\.odcs\.yaml cannot be used: Line 2, column 1"
    ):
        LoadFromCatalog(name="people")


def test_unknown_dataset_lists_what_there_is(write):
    write()
    with pytest.raises(ConfigurationError, match=r"Did you mean 'people'\? Datasets: people\."):
        LoadFromCatalog(name="peple")


def test_missing_catalog_says_how_to_begin(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError, match="stepwell catalog draft FILE"):
        LoadFromCatalog(name="people")


def test_layout_and_comments_do_not_count_as_content(write):
    path = write()
    before = read_contract(path)[0].digest
    path.write_text("# a comment\n" + yaml.safe_dump(yaml.safe_load(path.read_text())))
    assert read_contract(path)[0].digest == before


def test_empty_file_is_no_contract(tmp_path):
    path = tmp_path / "x.odcs.yaml"
    path.touch()
    contract, problems = read_contract(path)
    assert contract is None
    assert "Begin with: apiVersion" in str(problems[0])


def test_type_may_be_left_open(write):
    contract, problems = read_contract(write(_column(1, logicalType=None, physicalType="text")))
    assert contract is None
    assert "It is empty where the standard has text" in str(problems[0])

    contract, problems = read_contract(
        write(lambda d: d["schema"][0]["properties"][1].pop("logicalType"))
    )
    assert (contract.columns[1].type, problems) == (None, [])


def test_contract_is_what_the_package_of_the_standard_reads(write):
    contract, _ = read_contract(write())
    assert contract.model.schema_[0].properties[1].classification == "personal"
