-- Amounts in micros have up to 19 digits, Lua's doubles 15. So amounts are decimal strings that are split into limbs.

-- Split an amount x into a, b, c with x = a*10^12 + b*10^6 + c, each with the sign of x.
local function split_amount(amount)
  local sign, digits = 1, amount
  if string.byte(amount) == 45 then sign, digits = -1, string.sub(amount, 2) end
  local len = #digits
  if len <= 6 then return 0, 0, sign * digits end
  local c = sign * string.sub(digits, -6)
  if len <= 12 then return 0, sign * string.sub(digits, 1, len - 6), c end
  return sign * string.sub(digits, 1, len - 12), sign * string.sub(digits, -12, -7), c
end
