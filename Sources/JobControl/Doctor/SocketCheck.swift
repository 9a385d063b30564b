import Glibc

/// The control socket as a file.
struct SocketCheck {
    let path: String

    func findings() -> [Finding] {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            let reason = String(cString: strerror(errno))
            return [
                .problem(
                    "socket", "\(path): \(reason).",
                    "Start jobd (systemctl start jobd.socket jobd), or name its socket with --socket.")
            ]
        }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            return [.problem("socket", "\(path) is not a socket.", "Name the daemon's socket with --socket.")]
        }
        let mode = String(status.st_mode & 0o777, radix: 8)
        let owner = "\(Accounts.user(status.st_uid)):\(Accounts.group(status.st_gid))"
        guard status.st_mode & 0o002 == 0 else {
            return [
                .problem(
                    "socket", "Every user of this machine may use \(path) (mode \(mode)), and so all jobs.",
                    "Set SocketMode=0660 in jobd.socket, and restart it.")
            ]
        }
        return [.ok("socket", "\(path) has the mode \(mode) and belongs to \(owner).")]
    }

    /// What to do when the daemon was not reached.
    func advice(for exit: Exit) -> String {
        switch exit.code {
        case Exit.notPermitted: "Only root may ask the daemon for this; run it as root (sudo)."
        case Exit.unreachable:
            "Check its configuration (jobd check-config) and its log (journalctl -u jobd), and start it "
                + "(systemctl start jobd.target)."
        default: "Look at its log (journalctl -u jobd)."
        }
    }
}

/// Names of users and groups, numbers where there is none.
enum Accounts {
    static func user(_ id: uid_t) -> String { getpwuid(id).map { String(cString: $0.pointee.pw_name) } ?? "\(id)" }

    static func group(_ id: gid_t) -> String { getgrgid(id).map { String(cString: $0.pointee.gr_name) } ?? "\(id)" }
}
