extension String {
    /// The text with everything escaped that is not to be seen, or that drives a terminal: on one line, in its order.
    package var printable: String { escapingInvisible { "\\u{\(String($0.value, radix: 16))}" } }

    /// The text with what `escape` makes of each scalar that is not to be seen.
    package func escapingInvisible(_ escape: (Unicode.Scalar) -> String) -> String {
        guard unicodeScalars.contains(where: \.isInvisible) else { return self }
        var result = ""
        for scalar in unicodeScalars {
            if scalar.isInvisible { result += escape(scalar) } else { result.unicodeScalars.append(scalar) }
        }
        return result
    }
}

extension Unicode.Scalar {
    fileprivate var isInvisible: Bool {
        // Nearly every text is ASCII, whose control characters need no table.
        if isASCII { return value < 0x20 || value == 0x7F }
        return switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse: true
        default: false
        }
    }
}
