import Glibc
import JobSystem

/// Watches how much the files in a run's directory occupy.
struct OutputWatch {
    private let directory: Directory
    private let limit: Int64
    /// What is not the step's: the run's inputs and folders.
    private let others: Set<FileNode>
    private var next: ContinuousClock.Instant

    /// Between looks, when they are short.
    private static let interval = Duration.milliseconds(100)
    /// A look is followed by a pause of so many times its length: a look at 100,000 files takes some 40 ms.
    private static let rest = 20

    /// Nil when there is no limit, or no directory.
    init?(_ directory: Directory?, limit: Int64?) {
        guard let directory, let limit else { return nil }
        self.directory = directory
        self.limit = limit
        var others: Set<FileNode> = []
        try? directory.directory("input").walk { status in
            others.insert(FileNode(status))
            return true
        }
        for name in directory.names {
            guard let status = directory.status(of: name), status.st_mode & S_IFMT != S_IFREG else { continue }
            others.insert(FileNode(status))
        }
        self.others = others
        next = .now + Self.interval
    }

    /// Whether there is too much; looks only when it is time.
    mutating func isExceeded() -> Bool {
        let begin = ContinuousClock.now
        guard begin >= next else { return false }
        defer { next = .now + max(Self.interval, (.now - begin) * Self.rest) }
        return bytes > limit
    }

    /// What a file takes at least, and anything else that has a name.
    private static let smallest: Int64 = 4096

    /// On the disk, each file once whatever its names; links are not followed, and what cannot be read counts as nothing.
    private var bytes: Int64 {
        var sum: Int64 = 0
        var severalNames: Set<FileNode> = []
        directory.walk { status in
            guard !others.contains(FileNode(status)) else { return true }
            let isFile = status.st_mode & S_IFMT == S_IFREG
            if isFile, status.st_nlink > 1, !severalNames.insert(FileNode(status)).inserted { return true }
            sum += max(Int64(status.st_blocks) * 512, Self.smallest)
            return sum <= limit
        }
        return sum
    }
}
