-- Return the time up to which the retention may remove entries in one partition now.
-- A script, because the age of an import is measured with the store's own clock.
--
-- KEYS  hash    importing
-- ARGV  before  ms: what is older is to go
-- Returns  that, or the start of the first day of an import that is under way
-- include: running_imports

return string.format('%.0f', limit_to_running(keys.importing, tonumber(args.before)))
