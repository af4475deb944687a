-- Write an import down as it stands, and count it where that is its end.
-- A script, because one that is written down again, after a kill or by two importers, has come to its end once.
--
-- KEYS[1]  hash  imports
-- KEYS[2]  hash  ended imports
-- ARGV[1]  number of the import
-- ARGV[2]  JSON of the import
-- ARGV[3]  its state where it is over, else ""
-- Returns  1 where it was counted, else 0
local before = redis.call('HGET', KEYS[1], ARGV[1])
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
if ARGV[3] == '' or (before and cjson.decode(before).state == ARGV[3]) then return 0 end
redis.call('HINCRBY', KEYS[2], ARGV[3], 1)
return 1
