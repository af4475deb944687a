-- Delete a lease if it is still the caller's.
-- A script, because between a GET and a DEL it could pass to another.
--
-- KEYS  string  lease
-- ARGV  token   of the caller
-- Returns  1 if it was released, else 0

if redis.call('GET', keys.lease) == args.token then return redis.call('DEL', keys.lease) end
return 0
