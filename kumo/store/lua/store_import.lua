-- Store an import, and count it if it has ended.
-- A script, because an import that is stored again, after a kill or by two importers, must count only once.
--
-- KEYS  hashes   imports, ended
-- ARGV  number   of the import
--       text     JSON of the import
--       status   its status if it has ended, else ""
-- Returns  1 if it was counted, else 0

local before = redis.call('HGET', keys.imports, args.number)
redis.call('HSET', keys.imports, args.number, args.text)
if args.status == '' or (before and cjson.decode(before).status == args.status) then return 0 end
redis.call('HINCRBY', keys.ended, args.status, 1)
return 1
