"""api_extensions.bodies: what a JSON body may hold."""

from uuid import UUID

import pytest
from pydantic import ValidationError

from api_extensions.accounts.handlers import Registration
from api_extensions.bodies import Body, Digits, Id, Query


class Switch(Body):
    """A body of one boolean and one number."""

    is_active: bool | None = None
    amount_toman: int | None = None


@pytest.mark.parametrize(
    "sent",
    [
        '{"isActive": 0}',
        '{"isActive": "true"}',
        '{"amountToman": "7"}',
        '{"amountToman": true}',
        '{"amountToman": 7.5}',
    ],
)
def test_a_value_of_another_json_type_is_refused(sent: str) -> None:
    with pytest.raises(ValidationError):
        Switch.model_validate_json(sent)


ID = "01a20a8a-cf62-7b4c-be12-ca113db1e23c"


class Naming(Body):
    """A body of one id."""

    pet_id: Id | None = None


@pytest.mark.parametrize("sent", [ID, ID.upper()])
def test_an_id_is_read(sent: str) -> None:
    assert Naming.model_validate_json(f'{{"petId": "{sent}"}}').pet_id == UUID(ID)


@pytest.mark.parametrize(
    "sent", [f"urn:uuid:{ID}", f"{{{ID}}}", ID.replace("-", ""), f"{ID}\\n", "", "7"]
)
def test_an_id_has_one_spelling(sent: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Naming.model_validate_json(f'{{"petId": "{sent}"}}')
    assert [fault["msg"] for fault in refused.value.errors()] == [
        "Value error, is not an id"
    ]


class Page(Query):
    """A query of one number."""

    size: Digits


def test_a_number_of_a_query_is_written_in_digits() -> None:
    assert Page.model_validate({"size": "10"}).size == 10
    for sent in ("", " 5", "+5", "05", "5.0", "1_000", "1e3", "٥", "five"):
        with pytest.raises(ValidationError) as refused:
            Page.model_validate({"size": sent})
        (fault,) = refused.value.errors()
        assert fault["msg"] == "Value error, is not a whole number"


def test_the_length_of_a_name_is_counted_in_characters() -> None:
    with pytest.raises(ValidationError) as refused:
        Registration.model_validate_json(
            '{"name": " ", "mobile": "09121234567", "password": "gorbe-pishi-7"}'
        )
    assert [fault["type"] for fault in refused.value.errors()] == ["string_too_short"]
