import Glibc
package import JobModel

extension Timestamp {
    /// The machine's clock; decisions about jobs are given their moment instead.
    package static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
