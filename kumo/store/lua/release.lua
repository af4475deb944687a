-- Delete a lease if it is still the caller's.
-- A script, because between a GET and a DEL it could pass to another.
--
-- KEYS[1]  string  the lease
-- ARGV[1]  token of the caller
-- Returns  1 where it was released, else 0
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
