import Glibc
import JobSystem

/// What the files below a directory occupy.
enum DirectorySize {
    /// In bytes on the disk; links are not followed, and what cannot be read counts as nothing.
    static func bytes(of path: String) -> Int64 {
        var sum: Int64 = 0
        try? Directory(at: path).walk { status in
            // A file with several names, such as an input, is not the step's.
            if status.st_mode & S_IFMT == S_IFREG, status.st_nlink == 1 { sum += Int64(status.st_blocks) * 512 }
            return true
        }
        return sum
    }
}
