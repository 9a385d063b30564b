import Glibc

/// nginx on this machine: whether it runs, may use the fronts' socket, and holds enough connections.
struct NginxChecks {
    /// Streams below which a site is easily full.
    private static let enoughStreams = 1000

    let fastCGISocket: String?

    func findings() async -> [Finding] {
        let processes = NginxProcess.all()
        guard !processes.isEmpty else { return [.note("nginx", "It does not run on this machine.")] }
        let workers = processes.filter { $0.title.hasPrefix("nginx: worker process") }
        let masters = processes.filter { $0.title.hasPrefix("nginx: master process") }
        var findings: [Finding] = []
        var (isReadable, isNamed) = (false, false)
        for master in masters {
            guard let lines = await configuration(of: master) else { continue }
            isReadable = true
            // Others on this machine have nothing to do with jobd.
            guard lines.contains(where: { $0.contains("unix:") && $0.contains(fastCGISocket ?? "\0") }) else {
                continue
            }
            isNamed = true
            let own = workers.filter { $0.parent == master.pid }
            if let worker = own.first { findings += access(of: worker) }
            findings += capacity(lines, workers: own)
        }
        if !isReadable {
            // With one nginx there is no doubt whose workers they are.
            if masters.count == 1, let worker = workers.first { findings += access(of: worker) }
            findings.append(
                .note("nginx", "Its configuration cannot be read.", "Run the doctor as root to check it."))
        } else if !isNamed {
            findings.append(
                .note(
                    "nginx", "Its configuration does not name the fronts' socket.",
                    "If it should serve jobd, include jobd_locations in a server."))
        }
        return findings
    }

    /// Whether a worker may connect to the fronts.
    private func access(of worker: NginxProcess) -> [Finding] {
        guard let path = fastCGISocket else { return [] }
        var status = stat()
        guard stat(path, &status) == 0 else {
            return [
                .note(
                    "nginx", "The fronts' socket \(path) does not exist.",
                    "If you use a web server: systemctl start jobd-fastcgi.socket.")
            ]
        }
        let isAllowed =
            worker.user == 0 || status.st_mode & 0o002 != 0
            || worker.user == status.st_uid && status.st_mode & 0o200 != 0
            || worker.groups.contains(status.st_gid) && status.st_mode & 0o020 != 0
        let user = Accounts.user(worker.user)
        guard isAllowed else {
            return [
                .problem(
                    "nginx", "Its workers (\(user)) may not connect to \(path).",
                    "Set SocketGroup=\(user), or another group of theirs, in jobd-fastcgi.socket.")
            ]
        }
        return [.ok("nginx", "Its workers (\(user)) may connect to \(path).")]
    }

    /// The lines of everything that it is told, which only root may read; nil for others.
    private func configuration(of master: NginxProcess) async -> [String]? {
        guard let program = LineProgram(["nginx", "-T"] + master.configurationWords) else { return nil }
        let lines = await program.rest(within: .seconds(10))
        return lines.contains { $0.hasPrefix("# configuration file") } ? lines : nil
    }

    /// Whether it holds as many connections as it is told to, and enough streams.
    private func capacity(_ lines: [String], workers: [NginxProcess]) -> [Finding] {
        func setting(_ name: String) -> Int? {
            lines.lazy.map { $0.drop { $0 == " " || $0 == "\t" } }.first { $0.hasPrefix("\(name) ") }
                .flatMap { Int($0.dropFirst(name.count).filter(\.isNumber)) }
        }
        // 512 is nginx's own default.
        let connections = setting("worker_connections") ?? 512
        let count = max(workers.count, 1)
        var findings: [Finding] = []
        if let limit = workers.compactMap(\.descriptorLimit).min(), limit < connections {
            findings.append(
                .problem(
                    "nginx", "worker_connections is \(connections), but a worker may have only \(limit) files open.",
                    "Set worker_rlimit_nofile \(connections * 2) in nginx.conf."))
        }
        // A stream is a connection of the browser and one to a front.
        let streams = connections * count / 2
        let text = "It can serve up to \(streams) streams (worker_connections \(connections), \(count) workers)."
        findings.append(
            streams < Self.enoughStreams
                ? .note("nginx", text, "If you expect more, raise worker_connections and worker_rlimit_nofile.")
                : .ok("nginx", text))
        return findings
    }
}

/// A process of nginx, as /proc tells of it.
struct NginxProcess {
    let pid: pid_t
    let parent: pid_t
    /// What it calls itself: `nginx: master process /usr/sbin/nginx -g daemon on;`.
    let title: String
    let user: uid_t
    let groups: Set<gid_t>

    static func all() -> [NginxProcess] {
        guard let directory = opendir("/proc") else { return [] }
        defer { closedir(directory) }
        var processes: [NginxProcess] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if let pid = pid_t(name), let process = NginxProcess(pid) { processes.append(process) }
        }
        return processes
    }

    private init?(_ pid: pid_t) {
        title = Self.contents(of: "/proc/\(pid)/cmdline").prefix { $0 != "\0" }.description
        guard title.hasPrefix("nginx: ") else { return nil }
        var fields: [Substring: [Int]] = [:]
        for line in Self.contents(of: "/proc/\(pid)/status").split(separator: "\n") {
            let parts = line.split(whereSeparator: { $0 == ":" || $0 == "\t" || $0 == " " })
            if let name = parts.first { fields[name] = parts.dropFirst().compactMap { Int($0) } }
        }
        // Of the four ids the second is the one that counts.
        guard let parent = fields["PPid"]?.first, let users = fields["Uid"], users.count == 4,
            let groups = fields["Gid"],
            groups.count == 4
        else { return nil }
        self.pid = pid
        self.parent = pid_t(parent)
        user = uid_t(users[1])
        self.groups = Set(([groups[1]] + (fields["Groups"] ?? [])).map { gid_t($0) })
    }

    /// The most files that it may have open; nil when only others may know.
    var descriptorLimit: Int? {
        Self.contents(of: "/proc/\(pid)/limits").split(separator: "\n").first { $0.hasPrefix("Max open files") }
            .flatMap { $0.dropFirst("Max open files".count).split(separator: " ").first }.flatMap { Int($0) }
    }

    /// The words of a master's command line that say where its configuration is.
    var configurationWords: [String] {
        let words = title.split(separator: " ").map(String.init)
        return ["-c", "-p"].flatMap { flag -> [String] in
            guard let place = words.firstIndex(of: flag), place + 1 < words.count else { return [] }
            return [flag, words[place + 1]]
        }
    }

    private static func contents(of path: String) -> String {
        guard let file = fopen(path, "re") else { return "" }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 16_384)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}
