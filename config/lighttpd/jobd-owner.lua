-- Who the caller is, from lighttpd's password file: see jobd.conf. mod_auth sets REMOTE_USER only after its check.
-- SPDX-License-Identifier: Apache-2.0

local name = lighty.r.req_env["REMOTE_USER"]
if name then
    lighty.r.req_env["JOBD_OWNER"] = name
    -- For the WebSocket, a header that replaces the client's own.
    lighty.r.req_header["Jobd-Owner"] = name
end
