import Glibc

/// Finds programs as a shell does.
package enum ProgramPath {
    /// The program that runs now, whatever has become of its file.
    package static let itself = "/proc/self/exe"

    /// The path of every step.
    package static let standard = "/usr/local/bin:/usr/bin:/bin"

    /// A name with a slash is a path; another one is looked for in the directories, separated by colons.
    package static func find(_ name: String, in path: String = standard) -> String? {
        guard !name.isEmpty else { return nil }
        if name.contains("/") { return name }
        return path.split(separator: ":").map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }

    /// Why such a program cannot be executed, for an operator.
    package static func obstacle(to name: String, in path: String) -> String {
        let places = name.contains("/") ? [name] : path.split(separator: ":").map { "\($0)/\(name)" }
        guard let file = places.first(where: { access($0, F_OK) == 0 }) else {
            return name.contains("/") ? "\(SystemError("access", name))" : "\(name) is not in \(path)"
        }
        return "\(file) exists, but this user may not execute it, or it is not a file"
    }

    /// Whether such a program is there and may be executed.
    package static func isExecutable(_ name: String, in path: String = standard) -> Bool {
        guard let file = find(name, in: path) else { return false }
        var status = stat()
        return access(file, X_OK) == 0 && stat(file, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }
}
