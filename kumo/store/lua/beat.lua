-- Write down that a kind of worker has just given a sign of life.
-- A script, because the time is the store's: the clocks of machines differ.
--
-- KEYS[1]  hash  workers
-- ARGV[1]  kind of worker
-- Returns  nothing
-- include: clock

redis.call('HSET', KEYS[1], ARGV[1], now())
