"""Refusals of whole workbooks, and the guard around the libraries that read them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from python_calamine import PasswordError

from pipeline.intake.problem import Problem, Refused


def no_workbook(file: str, found: str) -> Refused:
    """Return the refusal of a file that is something else."""
    return Refused(
        Problem(
            file=file,
            found=found,
            expected="a workbook (xlsx, xlsm, xls or ods)",
            remedy="if it is text, declare it as a delimited file; else ask the force for the file again",
        )
    )


def too_large(file: str, found: str, expected: str) -> Refused:
    """Return the refusal of a workbook beyond a limit."""
    return Refused(
        Problem(file=file, found=found, expected=expected, remedy="ask the force for the table alone; do not open it")
    )


def damaged(file: str, found: str) -> Refused:
    """Return the refusal of a workbook that is not whole."""
    return Refused(
        Problem(file=file, found=found, expected="a whole workbook", remedy="ask the force for the file again")
    )


def without_sheet(file: str) -> Refused:
    """Return the refusal of a workbook that holds no sheet."""
    return damaged(file, "a workbook without a sheet")


def protected(file: str) -> Refused:
    """Return the refusal of a workbook that asks for a password."""
    return Refused(
        Problem(
            file=file,
            found="a workbook that is protected by a password",
            expected="a workbook that opens without one",
            remedy="ask the force for an open file",
        )
    )


@contextmanager
def library(file: str) -> Iterator[None]:
    """Turn whatever a reading library raises over foreign bytes into Refused."""
    try:
        yield
    except (Refused, KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError):
        raise
    except PasswordError as error:
        raise protected(file) from error
    except BaseException as error:
        # a panic inside calamine is no Exception, and xlrd raises of every kind over damaged bytes
        if "encrypted" in str(error).lower():
            raise protected(file) from error
        raise damaged(file, "a damaged workbook, which cannot be read to its end") from error
