package scanner

func decodePDF([]byte, Limits) ([]decoded, error) {
	return nil, refuse(Unsupported, "PDF is not read yet")
}
