-- Return the time up to which the retention may remove entries in one partition now.
-- A script, because the age of an import is measured with the store's own clock.
--
-- KEYS  hash    importing
-- ARGV  before  ms: older entries should be removed
-- Returns  that time, or the start of the first day of a running import
-- include: running_imports

return string.format('%.0f', limit_to_running(keys.importing, tonumber(args.before)))
