-- Who asks, by lighttpd's own passwords: see jobd.conf. mod_auth gives a name only after it has checked it.
-- SPDX-License-Identifier: Apache-2.0

local name = lighty.r.req_env["REMOTE_USER"]
if name then
    lighty.r.req_env["JOBD_OWNER"] = name
    -- The WebSocket is told by a header, in the place of a client's own.
    lighty.r.req_header["Jobd-Owner"] = name
end
