-- Write down that a kind of worker has just given a sign of life.
-- A script, because the time is the store's: the clocks of machines differ.
--
-- KEYS  hash  workers
-- ARGV  kind  of worker
-- Returns  nothing
-- include: clock

redis.call('HSET', keys.workers, args.kind, now())
