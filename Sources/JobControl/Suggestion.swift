/// The word that somebody may have meant.
enum Suggestion {
    /// What other programs call it.
    static let ofOthers = [
        "add": "submit", "config": "reload", "describe": "show", "edit": "update", "events": "follow", "get": "show",
        "health": "doctor", "info": "show", "inspect": "show", "kill": "cancel", "log": "logs", "ls": "list",
        "ps": "list", "remove": "delete", "restart": "retry", "rm": "delete", "run": "submit", "stop": "cancel",
        "tail": "logs", "upload": "submit", "view": "show", "watch": "follow", "why": "explain",
    ]

    /// The nearest of the words, if it is near: letters that are wrong, missing, too many or exchanged, at most one in three.
    static func near(_ word: String, in words: [String]) -> String? {
        let nearest = words.map { ($0, distance(word, $0)) }.min { $0.1 < $1.1 }
        guard let (found, distance) = nearest, distance <= max(1, word.count / 3) else { return nil }
        return found
    }

    /// How many letters have to be changed, left out, put in or exchanged with their neighbours.
    private static func distance(_ first: String, _ second: String) -> Int {
        let (a, b) = (Array(first), Array(second))
        var before: [Int] = []
        var last = Array(0...b.count)
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                var least = min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { least = min(least, before[j - 1] + 1) }
                row.append(least)
            }
            (before, last) = (last, row)
        }
        return last[b.count]
    }
}
