import Glibc
import JobFiles

/// What the files below a directory occupy.
enum DirectorySize {
    /// In bytes on the disk; links are not followed, and what cannot be read counts as nothing.
    static func bytes(of directory: String) -> Int64 { bytes(of: Array(directory.utf8CString)) }

    /// Paths are bytes that end with 0: a step may use names that are no text.
    private static func bytes(of directory: [CChar]) -> Int64 {
        guard let stream = opendir(directory) else { return 0 }
        var sum: Int64 = 0
        for name in Folder.rawNames(stream) {
            let path = directory.dropLast() + [0x2F] + name
            var status = stat()
            guard lstat(path, &status) == 0 else { continue }
            // A file with several names, such as an input, is not the step's.
            if status.st_mode & S_IFMT == S_IFREG, status.st_nlink == 1 { sum += Int64(status.st_blocks) * 512 }
            if status.st_mode & S_IFMT == S_IFDIR { sum += bytes(of: path) }
        }
        return sum
    }
}
