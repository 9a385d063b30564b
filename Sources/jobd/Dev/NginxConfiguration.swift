/// nginx's configuration for `jobd dev`: the shipped files with three lines changed, and a main file around them.
struct NginxConfiguration {
    struct File {
        let name: String
        let text: String
    }

    /// Where the files are and nginx keeps its own; absolute, without control characters.
    var directory: String
    var port: UInt16
    var fastCGISocket: String
    /// The most connections at the same time; an open stream takes two.
    var connections: Int
    /// Whether the workers have to be told that they may stay root.
    var runsAsRoot: Bool

    static let mainFile = "nginx.conf"

    /// The main file first.
    var files: [File] {
        [
            File(name: Self.mainFile, text: main),
            File(name: "jobd.conf", text: adapted(Shipped.nginx)),
            File(name: "jobd_site", text: adapted(Shipped.site)),
            File(name: "jobd_locations", text: Shipped.locations),
            File(name: "jobd_operators", text: Shipped.operators),
            File(name: "jobd_fastcgi_params", text: Shipped.fastCGIParameters),
        ]
    }

    /// What the shipped files say, and what takes its place here.
    var changes: [(shipped: String, here: String)] {
        [
            ("listen 80;", "listen 127.0.0.1:\(port) backlog=4096;"),
            ("server unix:/run/jobd/fastcgi.sock ", "server \(Self.quoted("unix:\(fastCGISocket)")) "),
            // The limits are off when their key is empty.
            ("default $binary_remote_addr;", "default \"\";"),
        ]
    }

    private func adapted(_ shipped: String) -> String {
        changes.reduce(shipped) { text, change in
            text.split(separator: change.shipped, omittingEmptySubsequences: false).joined(separator: change.here)
        }
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
            \(folders.joined())    include jobd.conf;
                include jobd_site;
            }

            """
    }

    /// A word of nginx's language.
    private static func quoted(_ text: String) -> String {
        "\"\(text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined())\""
    }
}
