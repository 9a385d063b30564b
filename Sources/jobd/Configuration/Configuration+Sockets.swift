import JobModel

extension Configuration {
    /// All sockets of the service, which no step may see: the daemon's, and those of fronts, which `jobd dev` has beside them.
    var sockets: [String] {
        let folder = controlSocket.lastIndex(of: "/").map { controlSocket[...$0] } ?? ""
        let ofFronts = [front.socket, front.webSocket, "\(folder)fastcgi.sock", "\(folder)websocket.sock"]
        return Door.allCases.map { $0.path(beside: controlSocket) } + Set(ofFronts).filter { $0.hasPrefix("/") }
    }
}
