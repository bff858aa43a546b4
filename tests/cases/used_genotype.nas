use "parts/found.nas"
use "ss1.nas"

space Fixed = SS1 with found.normal
