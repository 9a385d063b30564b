import Glibc
import JobFiles

/// What the files below a directory occupy.
enum DirectorySize {
    /// In bytes on the disk; links are not followed, and what cannot be read counts as nothing.
    static func bytes(of directory: String) -> Int64 {
        var sum: Int64 = 0
        for name in Folder.names(in: directory) {
            let path = "\(directory)/\(name)"
            var status = stat()
            guard lstat(path, &status) == 0 else { continue }
            // A file with several names, such as an input, is not the step's.
            if status.st_mode & S_IFMT == S_IFREG, status.st_nlink == 1 { sum += Int64(status.st_blocks) * 512 }
            if status.st_mode & S_IFMT == S_IFDIR { sum += bytes(of: path) }
        }
        return sum
    }
}
