"""A UFO model of QCD with two quarks, one of them massless by restriction."""

from __future__ import annotations

from pathlib import Path

_FILES = {
    "particles.py": """
raise SystemExit("this is data, not a program")
import parameters as Param
g = Particle(pdg_code=21, name='g', antiname='g', spin=3, color=8, mass=Param.ZERO, width=Param.ZERO, charge=0)
u = Particle(pdg_code=2, name='u', antiname='u~', spin=2, color=3, mass=Param.MU, width=Param.ZERO, charge=2/3)
t = Particle(pdg_code=6, name='t', antiname='t~', spin=2, color=3, mass=Param.MT, width=Param.WT, charge=2/3)
G0 = Particle(pdg_code=250, name='G0', antiname='G0', spin=1, color=1, mass=Param.MT, width=Param.ZERO, charge=0,
              goldstone=True)
u__tilde__ = u.anti()
t__tilde__ = t.anti()
""",
    "parameters.py": """
ZERO = Parameter(name='ZERO', nature='internal', type='real', value='0.0')
aS = Parameter(name='aS', nature='external', value=0.118, lhablock='SMINPUTS', lhacode=[3])
MU = Parameter(name='MU', nature='external', value=0.002, lhablock='MASS', lhacode=[2])
MT = Parameter(name='MT', nature='external', value=173.0, lhablock='MASS', lhacode=[6])
WT = Parameter(name='WT', nature='external', value=1.4915, lhablock='DECAY', lhacode=[6])
G = Parameter(name='G', nature='internal', value='2*cmath.sqrt(aS)*cmath.sqrt(cmath.pi)')
""",
    "couplings.py": """
GC_1 = Coupling(name='GC_1', value='-G', order={'QCD':1})
GC_2 = Coupling(name='GC_2', value='complex(0,1)*G', order={'QCD':1})
GC_3 = Coupling(name='GC_3', value='complex(0,1)*G**2', order={'QCD':2})
GC_4 = Coupling(name='GC_4', value='MU*G', order={'QCD':1})
""",
    "lorentz.py": """
FFV1 = Lorentz(name='FFV1', spins=[2, 2, 3], structure='Gamma(3,2,1)')
VVV1 = Lorentz(name='VVV1', spins=[3, 3, 3], structure='P(3,1)*Metric(1,2) - P(3,2)*Metric(1,2) - P(2,1)*Metric(1,3)'
    ' + P(2,3)*Metric(1,3) + P(1,2)*Metric(2,3) - P(1,3)*Metric(2,3)')
VVVV1 = Lorentz(name='VVVV1', spins=[3, 3, 3, 3], structure='Metric(1,4)*Metric(2,3) - Metric(1,3)*Metric(2,4)')
VVVV3 = Lorentz(name='VVVV3', spins=[3, 3, 3, 3], structure='Metric(1,4)*Metric(2,3) - Metric(1,2)*Metric(3,4)')
VVVV4 = Lorentz(name='VVVV4', spins=[3, 3, 3, 3], structure='Metric(1,3)*Metric(2,4) - Metric(1,2)*Metric(3,4)')
FFV9 = Lorentz(name='FFV9', spins=[2, 2, 3], structure='Strange(3,2,1)')
""",
    "vertices.py": """
V_1 = Vertex(name='V_1', particles=[P.u__tilde__, P.u, P.g], color=['T(3,2,1)'], lorentz=[L.FFV1],
             couplings={(0,0):C.GC_2})
V_2 = Vertex(name='V_2', particles=[P.t__tilde__, P.t, P.g], color=['T(3,2,1)'], lorentz=[L.FFV1, L.FFV9],
             couplings={(0,0):[C.GC_2], (0,1):C.GC_4})
V_3 = Vertex(name='V_3', particles=[P.g, P.g, P.g], color=['f(1,2,3)'], lorentz=[L.VVV1], couplings={(0,0):C.GC_1})
V_4 = Vertex(name='V_4', particles=[P.g, P.g, P.g, P.g],
             color=['f(-1,1,2)*f(3,4,-1)', 'f(-1,1,3)*f(2,4,-1)', 'f(-1,1,4)*f(2,3,-1)'],
             lorentz=[L.VVVV1, L.VVVV3, L.VVVV4], couplings={(1,1):C.GC_3, (0,0):C.GC_3, (2,2):C.GC_3})
""",
    "coupling_orders.py": "QCD = CouplingOrder(name='QCD', expansion_order=99, hierarchy=1)\n",
    "restrict_default.dat": "Block MASS\n 2 0.0\n 6 173.0\nBlock SMINPUTS\n 3 0.118\nDECAY 6 1.4915\n",
}


def write(folder: Path) -> Path:
    """Writes the model's files into `folder`; returns it."""
    for name, text in _FILES.items():
        (folder / name).write_text(text)
    return folder
