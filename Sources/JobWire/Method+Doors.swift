package import JobModel

extension Door {
    /// Whether a method may be called through it, by whoever that is.
    package func allows(_ method: Method) -> Bool {
        switch self {
        case .admin: true
        case .operate:
            !Self.ofAdmin.contains(method) && !Self.ofFront.contains(method) && !Self.ofDelivery.contains(method)
        case .observe:
            [.public, .read, .observe].contains(method.contract.right) && !Self.ofAdmin.contains(method)
                && !Self.ofFront.contains(method)
        case .front:
            !Self.ofAdmin.contains(method) && !Self.uploads.contains(method) && !Self.ofDelivery.contains(method)
        case .deliver: Self.ofDelivery.contains(method)
        }
    }

    /// For the administrator of the machine alone.
    private static let ofAdmin: Set<Method> = [.reloadServer, .backUpServer, .inspectServer, .makeToken]
    /// What a front says of what it has done itself.
    private static let ofFront: Set<Method> = [
        .adoptFile, .adoptArtifact, .reportFront, .reportUpload, .reportRefusal,
    ]
    /// For whoever sends messages to webhooks.
    private static let ofDelivery: Set<Method> = [.takeDeliveries, .reportDelivery]
    /// A front stores uploads itself.
    private static let uploads: Set<Method> = [
        .beginFile, .appendFile, .commitFile, .beginArtifact, .appendArtifact, .commitArtifact,
    ]
}
