"""Hashing: in threads, bounded, and telling nothing about who exists."""

import asyncio

import pytest
from argon2 import PasswordHasher

from api_extensions.accounts.hashing import PasswordHashing, Verification
from api_extensions.errors import AppError


def test_a_password_matches_its_hash_and_no_other() -> None:
    async def play() -> tuple[Verification, Verification]:
        hashing = PasswordHashing()
        stored = await hashing.hash("گربه۱۲۳۴۵")
        right = await hashing.verify(stored, "گربه۱۲۳۴۵")
        wrong = await hashing.verify(stored, "گربه۱۲۳۴۶")
        hashing.close()
        return right, wrong

    right, wrong = asyncio.run(play())
    assert right == Verification(matches=True, is_outdated=False)
    assert not wrong.matches


def test_a_hash_with_other_parameters_is_outdated() -> None:
    weaker = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash("abc")
    hashing = PasswordHashing()
    verification = asyncio.run(hashing.verify(weaker, "abc"))
    hashing.close()
    assert verification == Verification(matches=True, is_outdated=True)


@pytest.mark.parametrize("password", ["nobody's password", "x"])
def test_nobody_can_sign_in_as_nobody(password: str) -> None:
    hashing = PasswordHashing()
    assert not asyncio.run(hashing.verify(None, password)).matches
    hashing.close()


def test_a_hash_that_is_none_matches_nothing() -> None:
    hashing = PasswordHashing()
    assert not asyncio.run(hashing.verify("not a hash", "x")).matches
    hashing.close()


def test_too_many_at_once_are_told_to_come_again() -> None:
    async def play() -> list[str | BaseException]:
        hashing = PasswordHashing(threads=1, waiting=2)
        hashes = (hashing.hash("abc") for _ in range(3))
        results = await asyncio.gather(*hashes, return_exceptions=True)
        results.append(await hashing.hash("abc"))
        hashing.close()
        return results

    *results, afterwards = asyncio.run(play())
    refused = [result for result in results if isinstance(result, AppError)]
    assert [refusal.code for refusal in refused] == ["UNAVAILABLE"]
    assert isinstance(afterwards, str)
