"""api_extensions.bodies: what a JSON body may hold."""

import pytest
from pydantic import ValidationError

from api_extensions.accounts.handlers import Registration
from api_extensions.bodies import Body


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


def test_the_length_of_a_name_is_counted_in_characters() -> None:
    with pytest.raises(ValidationError) as refused:
        Registration.model_validate_json(
            '{"name": " ", "mobile": "09121234567", "password": "gorbe-pishi-7"}'
        )
    assert [fault["type"] for fault in refused.value.errors()] == ["string_too_short"]
