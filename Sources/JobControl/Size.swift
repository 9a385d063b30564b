/// Sizes for people.
enum Size {
    /// In the largest unit of which there are ten at least.
    static func text(_ bytes: Int64) -> String {
        switch bytes {
        case 1: "1 byte"
        case ..<10_000: "\(bytes) bytes"
        case ..<10_000_000: "\(bytes / 1000) kB"
        case ..<10_000_000_000: "\(bytes / 1_000_000) MB"
        default: "\(bytes / 1_000_000_000) GB"
        }
    }
}
