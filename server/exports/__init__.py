"""Any list as a file: CSV, XLSX, GeoJSON, from one list of columns."""
