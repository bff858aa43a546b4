use "ss1.nas"
experiment { space: SS1(nodes: 3) }
