//! What happens in Redis as a whole: one script for each verb that is more than one command.

use std::sync::LazyLock;

use redis::Script;

/// Functions that every script may use: whether a value is live, and its mark.
const PRELUDE: &str = "
local function live(v, now) return v and tonumber(string.sub(v, 1, 16)) > tonumber(now) end
local function mark(v) return string.sub(v, 18, 17 + string.byte(v, 17)) end
";

fn script(body: &str) -> Script {
    Script::new(&format!("{PRELUDE}{body}"))
}

/// Since when this server remembers without a gap. Its marker names the run of the server that wrote
/// it: one that started again, or a replica that took over, may lack what was written last, whatever
/// it restored, so the memory begins anew.
const MEMORY: &str = "
local function since(marker, now)
  local run = assert(string.match(redis.call('INFO', 'server'), 'run_id:(%w+)'), 'no run_id')
  local known = redis.call('GET', marker)
  local at, by = string.match(known or '', '^(%d+) (%w+)$')
  if by == run then return tonumber(at) end
  redis.call('SET', marker, now .. ' ' .. run)
  return tonumber(now)
end
";

/// KEYS: the marker. ARGV: now.
pub(super) static SINCE: LazyLock<Script> =
    LazyLock::new(|| script(&format!("{MEMORY}return since(KEYS[1], ARGV[1])")));

/// KEYS: guard, marker. ARGV: now, value, ttl.
pub(super) static GUARD: LazyLock<Script> = LazyLock::new(|| {
    script(&format!(
        "{MEMORY}
         local since = since(KEYS[2], ARGV[1])
         if live(redis.call('GET', KEYS[1]), ARGV[1]) then return {{0, since}} end
         redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
         return {{1, since}}"
    ))
});

/// KEYS: cell. ARGV: now, value, ttl.
pub(super) static REPLACE_OVER: LazyLock<Script> = LazyLock::new(|| {
    script(
        "if live(redis.call('GET', KEYS[1]), ARGV[1]) then return 0 end
         redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
         return 1",
    )
});

/// KEYS: guard. ARGV: value, ttl.
pub(super) static HOLD: LazyLock<Script> = LazyLock::new(|| {
    script(
        "local v = redis.call('GET', KEYS[1])
         if v and string.sub(v, 1, 16) >= string.sub(ARGV[1], 1, 16) then return end
         redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])",
    )
});

/// KEYS: cell. ARGV: now, expected mark, value, ttl (0: keep the expiry).
pub(super) static SWAP: LazyLock<Script> = LazyLock::new(|| {
    script(
        "local v = redis.call('GET', KEYS[1])
         if not live(v, ARGV[1]) or mark(v) ~= ARGV[2] then return 0 end
         if ARGV[4] == '0' then
           redis.call('SET', KEYS[1], string.sub(v, 1, 16) .. string.sub(ARGV[3], 17), 'KEEPTTL')
         else
           redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4])
         end
         return 1",
    )
});

/// KEYS: cell. ARGV: now, expected mark.
pub(super) static REMOVE_MARKED: LazyLock<Script> = LazyLock::new(|| {
    script(
        "local v = redis.call('GET', KEYS[1])
         if not live(v, ARGV[1]) or mark(v) ~= ARGV[2] then return 0 end
         return redis.call('DEL', KEYS[1])",
    )
});

/// KEYS: code, trace. ARGV: now. The mark begins with the end of the trace.
pub(super) static SPEND: LazyLock<Script> = LazyLock::new(|| {
    script(
        "local trace = redis.call('GET', KEYS[2])
         if live(trace, ARGV[1]) then return {'spent', trace} end
         local code = redis.call('GET', KEYS[1])
         if not live(code, ARGV[1]) then return {'unknown', false} end
         local forget = string.sub(mark(code), 1, 16)
         trace = forget .. string.sub(code, 17, 17 + string.byte(code, 17))
         redis.call('SET', KEYS[2], trace, 'PX', tonumber(forget) - tonumber(ARGV[1]))
         redis.call('DEL', KEYS[1])
         return {'fresh', code}",
    )
});

/// KEYS: token. ARGV: now, prefix of the first blocker, of the second.
pub(super) static GET_UNLESS: LazyLock<Script> = LazyLock::new(|| {
    script(
        "local v = redis.call('GET', KEYS[1])
         if not live(v, ARGV[1]) then return false end
         local m = mark(v)
         for i = 0, 1 do
           local name = string.sub(m, 16 * i + 1, 16 * i + 16)
           if #name == 16 and live(redis.call('GET', ARGV[2 + i] .. name), ARGV[1]) then
             return false
           end
         end
         return v",
    )
});

/// KEYS: counter. ARGV: now, first value, ttl.
pub(super) static COUNT: LazyLock<Script> = LazyLock::new(|| {
    script(
        "local v = redis.call('GET', KEYS[1])
         if not live(v, ARGV[1]) then
           redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
           return 1
         end
         local n = tonumber(string.sub(v, 18)) + 1
         redis.call('SET', KEYS[1], string.sub(v, 1, 17) .. string.format('%d', n), 'KEEPTTL')
         return n",
    )
});
