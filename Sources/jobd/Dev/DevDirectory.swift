import Glibc
import JobAccess
import JobModel

/// The directory of `jobd dev`: what lies where.
struct DevDirectory {
    /// Absolute.
    let path: String

    var run: String { "\(path)/run" }
    var controlSocket: String { "\(run)/jobd.sock" }
    var fastCGISocket: String { "\(run)/fastcgi.sock" }
    var data: String { "\(path)/data" }
    var nginx: String { "\(path)/nginx" }
    var web: String { "\(path)/web" }
    var docs: String { "\(path)/docs" }
    var tokenKeys: String { "\(path)/token-keys" }
    var configurationFile: String { "\(path)/jobd.toml" }

    /// What holds where the configuration says nothing.
    var defaults: Configuration {
        var configuration = Configuration.shipped
        configuration.storageDirectory = data
        configuration.controlSocket = controlSocket
        configuration.front.socket = fastCGISocket
        configuration.access.anonymous = .open
        configuration.access.keysFile = tokenKeys
        return configuration
    }

    /// Makes what is missing of it, with the shipped configuration; without a path, in a new temporary directory.
    static func make(_ path: String?) throws(Dev.Failure) -> DevDirectory {
        let directory = DevDirectory(path: try resolved(path))
        // nginx would take what follows a `$` for a variable.
        guard !directory.path.unicodeScalars.contains(where: { $0.properties.generalCategory == .control || $0 == "$" })
        else {
            throw Dev.Failure(description: "The directory's name has control characters or a $; choose another.")
        }
        guard "\(directory.run)/websocket.sock".utf8.count <= 107 else {
            throw Dev.Failure(
                description: "\(directory.path) is too long for the sockets in it; choose a --directory of at most "
                    + "\(107 - "/run/websocket.sock".utf8.count) bytes.")
        }
        for folder in [directory.path, directory.run, directory.data, directory.nginx] { try makeFolder(folder) }
        try write(Shipped.configuration, to: directory.configurationFile, flags: O_CREAT | O_EXCL)
        try write(TokenKeys.makeLine(named: "dev"), to: directory.tokenKeys, flags: O_CREAT | O_EXCL, mode: 0o600)
        return directory
    }

    /// Writes nginx's files, over older ones.
    func write(_ files: [NginxConfiguration.File]) throws(Dev.Failure) {
        for file in files { try Self.write(file.text, to: "\(nginx)/\(file.name)", flags: O_CREAT | O_TRUNC) }
    }

    /// Writes files for browsers to one of its folders, over older ones.
    static func write(_ files: [(path: String, text: String)], to directory: String) throws(Dev.Failure) {
        for file in files {
            let folder = file.path.split(separator: "/").dropLast().joined(separator: "/")
            try makeFolder("\(directory)/\(folder)")
            try write(file.text, to: "\(directory)/\(file.path)", flags: O_CREAT | O_TRUNC)
        }
    }

    private static func resolved(_ path: String?) throws(Dev.Failure) -> String {
        guard let path else { return try temporary() }
        guard !path.hasPrefix("/") else { return path }
        guard let current = getcwd(nil, 0) else { throw failure("The current directory", "has no name") }
        defer { free(current) }
        return "\(String(cString: current))/\(path)"
    }

    private static func temporary() throws(Dev.Failure) -> String {
        guard let template = strdup("/tmp/jobd-dev-XXXXXX") else { throw failure("A folder in /tmp", "cannot be made") }
        defer { free(template) }
        guard mkdtemp(template) != nil else { throw failure("A folder in /tmp", "cannot be made") }
        return String(cString: template)
    }

    /// Makes a folder and those above it.
    private static func makeFolder(_ path: String) throws(Dev.Failure) {
        var made = ""
        for name in path.split(separator: "/") {
            made += "/\(name)"
            guard mkdir(made, 0o750) == 0 || errno == EEXIST else { throw failure(made, "cannot be made") }
        }
        guard access(path, R_OK | W_OK | X_OK) == 0 else { throw failure(path, "cannot be written") }
    }

    /// With `O_EXCL`, a file that is there is left as it is.
    private static func write(
        _ text: String, to path: String, flags: CInt, mode: mode_t = 0o644
    ) throws(Dev.Failure) {
        let file = open(path, O_WRONLY | O_CLOEXEC | flags, mode)
        if file < 0, errno == EEXIST { return }
        guard file >= 0 else { throw failure(path, "cannot be written") }
        defer { close(file) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            guard count > 0 else { throw failure(path, "cannot be written") }
            rest = rest.dropFirst(count)
        }
    }

    private static func failure(_ subject: String, _ problem: String) -> Dev.Failure {
        Dev.Failure(
            description: "\(subject) \(problem) (\(String(cString: strerror(errno)))); choose another --directory.")
    }
}
