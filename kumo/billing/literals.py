"""Lists and objects inside a cell: JSON, or Python literals, with exact numbers."""

import ast
import json
import warnings
from decimal import Decimal
from typing import Any, Final

MAX_LITERAL: Final = 200_000


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not a number")


_DECODER: Final = json.JSONDecoder(parse_float=Decimal, parse_constant=_refuse)


def parse(text: str) -> Any:  # noqa: ANN401 - what a cell may hold
    """Parse JSON or a Python literal, floats as `Decimal` by their own digits; raise `ValueError` for anything else.

    pandas writes Google's nested columns as Python literals: `[{'amount': -5e-06, 'full_name': None}]`.
    """
    try:
        return _DECODER.decode(text)
    except (ValueError, RecursionError):
        pass
    if len(text) > MAX_LITERAL:
        raise ValueError("is too long for a list or an object")
    # Columns of the nodes count from the start of their line, so there must be only one line.
    line = " ".join(text.splitlines()).strip()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of an unknown escape in a label, which does not matter here
            return _value(ast.parse(line, mode="eval").body, line.encode())
    except (SyntaxError, ArithmeticError, RecursionError, MemoryError, TypeError):
        raise ValueError("is neither JSON nor a list or an object") from None


def _refuse_signals(number: Decimal) -> Decimal:
    """Return a number; raises `ValueError` for a signaling NaN, with which even a comparison is an error."""
    if number.is_snan():
        raise ValueError("sNaN is not a number")
    return number


def _value(node: ast.expr, text: bytes) -> Any:  # noqa: ANN401 - what a cell may hold
    match node:
        case ast.Constant(value=float()):
            return Decimal(text[node.col_offset : node.end_col_offset].decode())
        case ast.Constant(value=str() | int() | None):
            return node.value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=float() | int())):
            # A minus sign would round to the digits of the context.
            return Decimal(_value(node.operand, text)).copy_negate()
        case ast.List() | ast.Tuple():
            return [_value(item, text) for item in node.elts]
        case ast.Dict() if None not in node.keys:
            return {
                _value(key, text): _value(item, text) for key, item in zip(node.keys, node.values, strict=True) if key
            }
        case ast.Call(func=ast.Name(id="Decimal"), args=[ast.Constant(value=str() as digits)], keywords=[]):
            return _refuse_signals(Decimal(digits))
    raise ValueError("is neither JSON nor a list or an object")
