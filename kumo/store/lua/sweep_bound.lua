-- Say how far the retention may reach in one partition now.
-- A script, because how long an import has been under way is told by the store's own clock.
--
-- KEYS[1]  hash  importing
-- ARGV[1]  ms: what is older is to go
-- Returns  that, or the start of the first day of an import that is under way
local IMPORTING = KEYS[1]
-- include: clock under_way

return string.format('%.0f', before_imports(tonumber(ARGV[1])))
