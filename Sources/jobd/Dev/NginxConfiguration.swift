/// nginx's configuration for `jobd dev`: the shipped files with a few lines changed, the demo page, a server for what is asked
/// under another name, and a main file around them.
struct NginxConfiguration {
    struct File {
        let name: String
        let text: String
    }

    /// Where the files are and nginx keeps its own; absolute, without control characters.
    var directory: String
    var url: LocalURL
    /// The names that it answers to, as ``HostName`` allows them.
    var hosts: [HostName]
    var fastCGISocket: String
    /// Where WebSockets are passed on to.
    var webSocket: String
    /// Where the files for browsers are; absolute, without control characters and `$`.
    var webDirectory: String
    /// Where the pages of the documentation are, if they are; as the folder above.
    var documentation: String?
    /// Where the pages are that are shown at `/` in the place of the demo; as the folder above.
    var ownPages: String?
    /// The most connections at the same time; an open stream takes two.
    var connections: Int
    /// Whether the workers have to be told that they may stay root.
    var runsAsRoot: Bool

    static let mainFile = "nginx.conf"
    private static let strangersFile = "strangers.conf"

    /// The main file first.
    var files: [File] {
        let shipped = Shipped.nginx.sorted { $0.key < $1.key }.map { File(name: $0.key, text: adapted($0.value)) }
        return [
            File(name: Self.mainFile, text: main), File(name: "jobd_operators", text: operators),
            File(name: Self.strangersFile, text: strangers),
        ] + shipped
    }

    /// What the shipped files say, and what takes its place here.
    var changes: [(shipped: String, here: String)] {
        [
            ("server_name jobs.example.com;", "server_name \(hosts.map(\.description).joined(separator: " "));"),
            ("listen 80;", "listen 127.0.0.1:\(url.port) backlog=4096;"),
            ("    listen [::]:80;\n", url.isOnIPv6 ? "    listen [::1]:\(url.port) backlog=4096;\n" : ""),
            ("access_log /var/log/nginx/access.log jobd;", "access_log off;"),
            ("server unix:/run/jobd/fastcgi.sock ", "server \(Self.quoted("unix:\(fastCGISocket)")) "),
            ("server unix:/run/jobd/websocket.sock ", "server \(Self.quoted("unix:\(webSocket)")) "),
            // The limits are off when their key is empty.
            ("default $binary_remote_addr;", "default \"\";"),
            ("alias /usr/share/jobd/web/;", "alias \(Self.quoted("\(webDirectory)/"));"),
            ("alias /usr/share/jobd/web/dashboard/;", "alias \(Self.quoted("\(webDirectory)/dashboard/"));"),
            ("    include jobd_operator_locations;\n}", "    include jobd_operator_locations;\n\n\(demo)\(pages)}"),
            (
                "        return 404;\n    }\n\n    include jobd_locations;",
                "\(root)    }\n\n    include jobd_locations;"
            ),
        ]
    }

    private func adapted(_ shipped: String) -> String {
        changes.reduce(shipped) { text, change in
            text.split(separator: change.shipped, omittingEmptySubsequences: false).joined(separator: change.here)
        }
    }

    /// What there is at addresses that are not jobd's: pages of the developer's, who has his own policy for them, or nothing.
    private var root: String {
        guard let ownPages else { return "        return 404;\n" }
        return """
                    root \(Self.quoted(ownPages));
                    index index.html;
                    charset utf-8;
                    types {
                        text/html html;
                        text/javascript js mjs;
                        text/css css;
                        image/svg+xml svg;
                        image/png png;
                        image/jpeg jpg jpeg;
                        image/webp webp;
                        image/x-icon ico;
                        font/woff2 woff2;
                        application/json json map;
                        application/wasm wasm;
                    }
                    add_header Cache-Control no-cache;

            """
    }

    /// The demo page, under the policy of the dashboard: at `/`, where there are no pages of the developer's.
    private var demo: String {
        """
            # The demo page, in `jobd dev` only.
            \(ownPages == nil ? "location = / {\n        rewrite ^ /demo/index.html last;\n    }" : "")
            location /demo/ {
                include jobd_pages;
                alias \(Self.quoted("\(webDirectory)/demo/"));
            }

        """
    }

    /// Where a request for another name ends, files included: a page elsewhere can give its own name to this machine, and what
    /// it got would then be a part of that page.
    private var strangers: String {
        """
        server {
            listen 127.0.0.1:\(url.port);
        \(url.isOnIPv6 ? "    listen [::1]:\(url.port);\n" : "")    # Every name that no other server has.
            server_name ~.;
            # Whatever the address ends with.
            types {}
            default_type application/problem+json;
            add_header Cache-Control no-store always;
            return 421 '{"type":"about:blank","title":"Misdirected Request","status":421,"detail":"This service has another name; \
        --host can name it.","code":"misdirected-request"}';
        }

        """
    }

    /// The documentation at `/docs/`.
    private var pages: String {
        guard let documentation else { return "" }
        return """

                location ^~ /docs/ {
                    include jobd_pages;
                    alias \(Self.quoted("\(documentation)/"));
                }
                location = /docs {
                    absolute_redirect off;
                    return 308 /docs/;
                }

            """
    }

    private var operators: String {
        """
        # In `jobd dev` access.anonymous says what everybody may do.

        """
    }

    private var main: String {
        let folders = ["client_body", "fastcgi", "proxy", "uwsgi", "scgi"].map { kind in
            "    \(kind)_temp_path \(Self.quoted("\(directory)/\(kind)"));\n"
        }
        return """
            # Written by `jobd dev` at each start.
            daemon off;
            worker_processes 1;
            \(runsAsRoot ? "user root;" : "# No user: the workers are who started this.")
            pid \(Self.quoted("\(directory)/nginx.pid"));
            error_log stderr warn;
            events {
                worker_connections \(connections);
            }
            http {
                access_log off;
                default_type application/octet-stream;
                # Names may be long.
                server_names_hash_bucket_size 512;
            \(folders.joined())    include jobd.conf;
                include jobd_site;
                include \(Self.strangersFile);
            }

            """
    }

    /// A word of nginx's language.
    private static func quoted(_ text: String) -> String {
        "\"\(text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined())\""
    }
}
