-- Write an import down as it stands, and count it where that is its end.
-- A script, because one that is written down again, after a kill or by two importers, has come to its end once.
--
-- KEYS  hashes   imports, ended
-- ARGV  number   of the import
--       text     JSON of the import
--       state    its state where it is over, else ""
-- Returns  1 where it was counted, else 0

local before = redis.call('HGET', keys.imports, args.number)
redis.call('HSET', keys.imports, args.number, args.text)
if args.state == '' or (before and cjson.decode(before).state == args.state) then return 0 end
redis.call('HINCRBY', keys.ended, args.state, 1)
return 1
