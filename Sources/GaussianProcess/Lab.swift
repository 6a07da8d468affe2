import Glibc
package enum Lab {
  package static let values: [String: Double] = {
    var r: [String: Double] = [:]
    if let t = getenv("LAB") {
      for pair in String(cString: t).split(separator: ",") {
        let kv = pair.split(separator: "=")
        r[String(kv[0])] = Double(String(kv[1]))!
      }
    }
    return r
  }()
  package static func v(_ k: String, _ d: Double) -> Double { values[k] ?? d }
  package static let ls = v("ls", 0.35), lsd = v("lsd", 0.8), cls = v("cls", 0.7), sv = v("sv", 0.6), svd = v("svd", 0.8)
  package static let tv = v("tv", 0.3), tvd = v("tvd", 1.0), nd = v("nd", 1.2), cat = v("cat", 1), bias = v("bias", 1)
  package static let nm = v("nm", 1)
  package static let rho = v("rho", 1), cost = v("cost", 0), usual = v("usual", 1), wn = v("wn", 2)
  package static let a = v("a", 0), b = v("b", 0), c = v("c", 0), d = v("d", 0)
}
