/// The end of a command that did not simply succeed.
struct Exit: Error {
    static let failure: Int32 = 1
    static let usage: Int32 = 2
    static let cancelled: Int32 = 5
    static let unreachable: Int32 = 69
    static let notPermitted: Int32 = 77
    static let configuration: Int32 = 78
    static let timeout: Int32 = 124

    let code: Int32
    var message: String?
}
