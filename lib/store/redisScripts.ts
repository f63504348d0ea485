/**
 * The store on Redis: one Lua script an operation, so that each is atomic and takes one round trip.
 * Plain commands only, so that any Redis 6 or newer will do.
 *
 * `KEYS[1]` is the prefix; it stands in braces, so that a cluster keeps all keys in one slot.
 * Keys: `log:<run>` (list), `base:<run>` (how many entries were cut off its front),
 * `doc:<document>` (hash), `index:<collection>` (ids by time), `own:<run>` (documents of a run).
 */
const HELPERS = `
local P = KEYS[1]
local function name(collection, id) return #collection .. ':' .. collection .. ':' .. id end
local function drop(collection, id)
	local n = name(collection, id)
	local owner = redis.call('HGET', P .. 'doc:' .. n, 'r')
	if owner and owner ~= '' then redis.call('SREM', P .. 'own:' .. owner, n) end
	redis.call('ZREM', P .. 'index:' .. collection, id)
	return redis.call('DEL', P .. 'doc:' .. n)
end
`;

/**
 * ARGV: guard collection, id, version (empty without guard) and state (`=` before it; empty: any),
 * then run and body of each entry.
 * Without the helpers, since Lua makes functions anew at every call.
 */
export const APPEND = `
local P = KEYS[1]
if ARGV[3] ~= '' then
	local guard = P .. 'doc:' .. #ARGV[1] .. ':' .. ARGV[1] .. ':' .. ARGV[2]
	local seen = redis.call('HMGET', guard, 'v', 's')
	if (seen[1] or '0') ~= ARGV[3] then return false end
	if ARGV[4] ~= '' and seen[2] and '=' .. seen[2] ~= ARGV[4] then return false end
end
local seqs = {}
for i = 5, #ARGV, 2 do
	local length = redis.call('RPUSH', P .. 'log:' .. ARGV[i], ARGV[i + 1])
	seqs[#seqs + 1] = length + tonumber(redis.call('GET', P .. 'base:' .. ARGV[i]) or '0')
end
return seqs`;

/** ARGV: run, body. What {@link APPEND} does for most steps, in a fraction of its time. */
export const APPEND_ONE = `
return redis.call('RPUSH', KEYS[1] .. 'log:' .. ARGV[1], ARGV[2])
	+ (redis.call('GET', KEYS[1] .. 'base:' .. ARGV[1]) or 0)`;

/** ARGV: run, after, limit (-1: all). Gives the number of the first row, then the bodies. */
export const READ = `${HELPERS}
local base = tonumber(redis.call('GET', P .. 'base:' .. ARGV[1]) or '0')
local start = math.max(0, tonumber(ARGV[2]) - base)
local limit = tonumber(ARGV[3])
local rows = {}
if limit ~= 0 then
	local stop = limit < 0 and -1 or start + limit - 1
	rows = redis.call('LRANGE', P .. 'log:' .. ARGV[1], start, stop)
end
table.insert(rows, 1, tostring(base + start + 1))
return rows`;

/** ARGV: run, "below" or "from", number. */
export const CUT = `${HELPERS}
local log = P .. 'log:' .. ARGV[1]
local base = tonumber(redis.call('GET', P .. 'base:' .. ARGV[1]) or '0')
local before = redis.call('LLEN', log)
local at = math.max(0, tonumber(ARGV[3]) - 1 - base)
if ARGV[2] == 'below' then
	local cut = math.min(before, at)
	redis.call('LTRIM', log, cut, -1)
	redis.call('SET', P .. 'base:' .. ARGV[1], base + cut)
elseif at == 0 then redis.call('DEL', log)
else redis.call('LTRIM', log, 0, at - 1) end
local after = redis.call('LLEN', log)
if after == 0 then redis.call('DEL', P .. 'base:' .. ARGV[1]) end
return before - after`;

/** ARGV: collection, id. */
export const GET = `${HELPERS}
return redis.call('HMGET', P .. 'doc:' .. name(ARGV[1], ARGV[2]), 'v', 'd', 's', 'r', 'u')`;

/** ARGV: collection, id, expected version or "any", expected state like {@link APPEND}, value, status, run, time. */
export const PUT = `${HELPERS}
local n = name(ARGV[1], ARGV[2])
local seen = redis.call('HMGET', P .. 'doc:' .. n, 'v', 's')
local current = tonumber(seen[1] or '0')
if ARGV[3] ~= 'any' and tonumber(ARGV[3]) ~= current then return 0 end
if ARGV[4] ~= '' and seen[2] and '=' .. seen[2] ~= ARGV[4] then return 0 end
if current > 0 then drop(ARGV[1], ARGV[2]) end
redis.call('HSET', P .. 'doc:' .. n, 'v', current + 1, 'd', ARGV[5], 's', ARGV[6], 'r', ARGV[7], 'u', ARGV[8])
redis.call('ZADD', P .. 'index:' .. ARGV[1], ARGV[8], ARGV[2])
if ARGV[7] ~= '' then redis.call('SADD', P .. 'own:' .. ARGV[7], n) end
return current + 1`;

/** ARGV: collection, id, version (empty: any). */
export const REMOVE = `${HELPERS}
local n = name(ARGV[1], ARGV[2])
if ARGV[3] ~= '' and redis.call('HGET', P .. 'doc:' .. n, 'v') ~= ARGV[3] then return 0 end
return drop(ARGV[1], ARGV[2])`;

/**
 * ARGV: collection, limit, offset, query as JSON (status, runId, idPrefix, updatedBefore,
 * oldestFirst). Gives the total, then id, version, value, status, run and time of each document.
 */
export const LIST = `${HELPERS}
local limit, offset, query = tonumber(ARGV[2]), tonumber(ARGV[3]), cjson.decode(ARGV[4])
local states
if query.status then
	states = {}
	for _, status in ipairs(query.status) do states[status] = true end
end
local function matches(id, fields)
	if states and not states[fields[1]] then return false end
	if query.runId and fields[2] ~= query.runId then return false end
	if query.idPrefix and string.sub(id, 1, #query.idPrefix) ~= query.idPrefix then return false end
	return not query.updatedBefore or tonumber(fields[3]) < query.updatedBefore
end
local range = query.oldestFirst and 'ZRANGE' or 'ZREVRANGE'
local ids = redis.call(range, P .. 'index:' .. ARGV[1], 0, -1)
local rows, total = {}, 0
for _, id in ipairs(ids) do
	local key = P .. 'doc:' .. name(ARGV[1], id)
	local fields = redis.call('HMGET', key, 's', 'r', 'u')
	if matches(id, fields) then
		if total >= offset and total < offset + limit then
			local more = redis.call('HMGET', key, 'v', 'd')
			for _, value in ipairs({ id, more[1], more[2], fields[1], fields[2], fields[3] }) do
				rows[#rows + 1] = value
			end
		end
		total = total + 1
	end
end
table.insert(rows, 1, tostring(total))
return rows`;

/** ARGV: run, "remove" or "measure". Gives records, documents, bytes. */
export const SIZE = `${HELPERS}
local log, bytes = P .. 'log:' .. ARGV[1], 0
local rows = redis.call('LRANGE', log, 0, -1)
for _, body in ipairs(rows) do bytes = bytes + #body end
local owned = redis.call('SMEMBERS', P .. 'own:' .. ARGV[1])
for _, n in ipairs(owned) do bytes = bytes + redis.call('HSTRLEN', P .. 'doc:' .. n, 'd') end
if ARGV[2] == 'remove' then
	for _, n in ipairs(owned) do
		local at = string.find(n, ':', 1, true)
		local length = tonumber(string.sub(n, 1, at - 1))
		drop(string.sub(n, at + 1, at + length), string.sub(n, at + length + 2))
	end
	redis.call('DEL', log, P .. 'base:' .. ARGV[1], P .. 'own:' .. ARGV[1])
end
return { #rows, #owned, bytes }`;
