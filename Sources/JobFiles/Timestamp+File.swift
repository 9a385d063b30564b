import Glibc
import JobModel

extension Timestamp {
    /// When a file was written last.
    init(writeOf status: stat) {
        let (milliseconds, isTooLarge) = Int64(status.st_mtim.tv_sec).multipliedReportingOverflow(by: 1000)
        self.init(
            milliseconds: isTooLarge ? .max : milliseconds.adding(Int64(status.st_mtim.tv_nsec / 1_000_000)))
    }
}
