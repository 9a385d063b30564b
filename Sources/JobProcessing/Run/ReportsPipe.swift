import Glibc
import JobSystem

/// The pipe with a name on which a step says what it cannot print.
final class ReportsPipe {
    /// For commands.
    let path: String
    /// Open for reading without blocking; and for writing, so that it does not end when a step closes it.
    let descriptor: CInt
    private let root: Directory
    private static let name: Directory.Name = "reports"

    /// Makes it in a run's directory, in the place of whatever has its name.
    ///
    /// - Throws: `SystemError`.
    init(in root: Directory, path: String) throws {
        root.remove(Self.name)
        try root.makePipe(Self.name)
        descriptor = try root.open(Self.name, O_RDWR | O_NONBLOCK)
        self.root = root
        self.path = path
        guard isPipe else { throw SystemError("open", path, errno: EINVAL) }
    }

    private var isPipe: Bool {
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO
    }

    /// Whether it is still what its name leads to.
    var isInPlace: Bool {
        guard let status = root.status(of: Self.name) else { return false }
        return FileNode(status) == FileNode(descriptor)
    }

    deinit { close(descriptor) }
}
