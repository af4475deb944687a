-- Store the heartbeat of a kind of worker.
-- A script, because it uses the store's clock: the clocks of machines differ.
--
-- KEYS  hash  workers
-- ARGV  kind  of worker
-- Returns  nothing
-- include: clock

redis.call('HSET', keys.workers, args.kind, now())
