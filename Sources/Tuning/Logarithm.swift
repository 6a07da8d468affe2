import Glibc

/// The natural logarithm. The C mathematics library is all that this module imports.
func logarithm(_ value: Double) -> Double { log(value) }

/// `base` to the power of `exponent`.
func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
